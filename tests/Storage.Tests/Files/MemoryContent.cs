using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Frames;

namespace CloudStore.Storage.Tests.Files;

/// <summary>Content in memory, to be looked at and changed by tests, and the engine's ways to write and read it.</summary>
public sealed class MemoryContent : IContentSink, IContentSource
{
    private readonly MemoryStream _written = new();

    public MemoryContent(byte[]? bytes = null) => Bytes = bytes ?? [];

    public static byte[] Key { get; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static FileContext Context { get; } = new("acme", new Guid("0190163d-8694-739b-aea5-966c26f8ad91"));

    public byte[] Bytes { get; private set; }

    /// <summary>How much was read of it.</summary>
    public long BytesRead { get; private set; }

    public long Length => Bytes.Length;

    public int PreferredBytes => 1 << 20;

    public static async Task<(byte[] Stored, WrittenContent Written)> WriteAsync(byte[] plain, Compress compress = Compress.None, byte[]? key = null, FileContext? context = null)
    {
        var content = new MemoryContent();
        var written = await FrameWriter.WriteAsync(new MemoryStream(plain), content, key ?? Key, context ?? Context, compress, long.MaxValue, TestContext.Current.CancellationToken);
        await content.CommitAsync(TestContext.Current.CancellationToken);
        return (content.Bytes, written);
    }

    public static async Task<FrameStream> OpenAsync(byte[] stored, FileCodec codec = FileCodec.None, byte[]? key = null, FileContext? context = null, string? sha256 = null) =>
        new(await FrameReader.OpenAsync(new MemoryContent(stored), key ?? Key, context ?? Context, codec, TestContext.Current.CancellationToken), sha256);

    public static async Task<byte[]> ReadAsync(byte[] stored, FileCodec codec = FileCodec.None, byte[]? key = null, FileContext? context = null, string? sha256 = null)
    {
        await using var stream = await OpenAsync(stored, codec, key, context, sha256);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, TestContext.Current.CancellationToken);
        return all.ToArray();
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => _written.WriteAsync(bytes, cancellationToken);

    public Task CommitAsync(CancellationToken cancellationToken = default)
    {
        Bytes = _written.ToArray();
        return Task.CompletedTask;
    }

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (offset + buffer.Length > Bytes.Length)
        {
            throw new EndOfStreamException();
        }

        Bytes.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
        BytesRead += buffer.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
