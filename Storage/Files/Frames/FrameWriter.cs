using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Contents;

namespace CloudStore.Storage.Files.Frames;

/// <summary>
/// Hashes, compresses, encrypts and writes a stream. Frames are compressed and encrypted beside each other while the next is read; the hash and the sink get them in order.
/// </summary>
public sealed class FrameWriter : IAsyncDisposable
{
    private const int HeadBytes = 4096;
    private readonly IContentSink _sink;
    private readonly CancellationToken _cancel;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<Frame> _frames = new();
    private readonly Queue<Task<(byte[] Buffer, int Bytes)>> _sealed = new();
    private readonly List<uint> _index = [];
    private readonly int _ahead = FrameBuffers.TakeAhead();
    private CobblestoneCipher _cipher = null!;
    private FrameCodec _codec = null!;
    private Task _hashed = Task.CompletedTask;
    private byte[]? _block;
    private int _filled;
    private long _chunk;
    private long _stored;

    private FrameWriter(IContentSink sink, CancellationToken cancel) => (_sink, _cancel) = (sink, cancel);

    /// <summary>Writes all of a stream; the sink is left to be committed by the caller.</summary>
    /// <param name="key">The file's, 32 bytes.</param>
    /// <param name="maxBytes">The longest content that is taken.</param>
    /// <exception cref="ProblemException">Of kind too-large; or unprocessable, where a codec's library is not here.</exception>
    public static async Task<WrittenContent> WriteAsync(Stream source, IContentSink sink, ReadOnlyMemory<byte> key, FileContext context, Compress compress, long maxBytes,
        CancellationToken cancellationToken = default)
    {
        await using var writer = new FrameWriter(sink, cancellationToken);
        return await writer.RunAsync(source, key, context, compress, maxBytes);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        FrameBuffers.ReturnAhead(_ahead);
        // Where something failed, others may still be using the cipher and the hash.
        await Task.WhenAll([_hashed, .. _sealed, .. _frames.Select(f => f.Packed)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _hash.Dispose();
        _cipher?.Dispose();
    }

    private async Task<WrittenContent> RunAsync(Stream source, ReadOnlyMemory<byte> key, FileContext context, Compress compress, long maxBytes)
    {
        var plain = FrameBuffers.Rent();
        int length = await FillAsync(source, plain, maxBytes);
        var head = plain.AsSpan(0, Math.Min(length, HeadBytes)).ToArray();
        _codec = CodecSample.Choose(compress, plain, length);
        _cipher = CobblestoneCipher.Create(key.Span, context.Bytes(_codec.Kind));
        await WriteAsync(_cipher.Header);
        long bytes = 0;
        while (length > 0)
        {
            bytes += length;
            _frames.Enqueue(Start(plain, length));
            await AdvanceAsync(_ahead);
            plain = FrameBuffers.Rent();
            length = length < FrameIndex.FrameBytes ? 0 : await FillAsync(source, plain, maxBytes - bytes);
        }

        FrameBuffers.Return(plain);
        await AdvanceAsync(0);
        var index = FrameIndex.Write(_codec.Kind, bytes, _index);
        Append(index, index.Length);
        Seal(_block ??= FrameBuffers.Rent(), _filled, Task.CompletedTask, final: true);
        await AdvanceAsync(0);
        await _hashed;
        return new WrittenContent(_codec.Kind, bytes, _stored, Convert.ToHexStringLower(_hash.GetCurrentHash()), head);
    }

    private async Task<int> FillAsync(Stream source, byte[] buffer, long maxBytes)
    {
        int filled = await source.ReadAtLeastAsync(buffer.AsMemory(0, FrameIndex.FrameBytes), FrameIndex.FrameBytes, throwOnEndOfStream: false, _cancel);
        return filled <= maxBytes ? filled : throw new ProblemException(ProblemKind.TooLarge, "The content is longer than the bytes that are accepted.");
    }

    private Frame Start(byte[] plain, int length)
    {
        var before = _hashed;
        _hashed = Task.Run(async () =>
        {
            await before;
            _hash.AppendData(plain, 0, length);
        });
        return new Frame(plain, length, _hashed, _codec.Kind == FileCodec.None ? Task.FromResult<(byte[]?, int)>((null, 0)) : Task.Run(() => Pack(plain, length)));
    }

    private (byte[]? Buffer, int Bytes) Pack(byte[] plain, int length)
    {
        var buffer = FrameBuffers.Rent();
        int packed = _codec.Compress(plain, length, buffer, length - 1);
        if (packed > 0)
        {
            return (buffer, packed);
        }

        FrameBuffers.Return(buffer);
        return (null, 0);
    }

    // Lets at most that many frames wait to be compressed, and to be encrypted and written.
    private async Task AdvanceAsync(int ahead)
    {
        while (_frames.Count > ahead)
        {
            var frame = _frames.Peek();
            var (packed, bytes) = await frame.Packed;
            _frames.Dequeue();
            _index.Add(packed is null ? FrameIndex.Entry(frame.Length, raw: true) : FrameIndex.Entry(bytes, raw: false));
            if (packed is null && _filled == 0 && frame.Length == FrameIndex.FrameBytes)
            {
                Seal(frame.Plain, frame.Length, frame.Hashed, final: false);
                continue;
            }

            Append(packed ?? frame.Plain, packed is null ? frame.Length : bytes);
            if (packed is not null)
            {
                FrameBuffers.Return(packed);
            }

            await frame.Hashed;
            FrameBuffers.Return(frame.Plain);
        }

        while (_sealed.Count > ahead)
        {
            var (buffer, bytes) = await _sealed.Peek();
            _ = _sealed.Dequeue();
            await WriteAsync(buffer.AsMemory(0, bytes));
            FrameBuffers.Return(buffer);
        }
    }

    private void Append(byte[] bytes, int count)
    {
        for (int done = 0; done < count;)
        {
            _block ??= FrameBuffers.Rent();
            int take = Math.Min(count - done, FrameIndex.FrameBytes - _filled);
            bytes.AsSpan(done, take).CopyTo(_block.AsSpan(_filled));
            (_filled, done) = (_filled + take, done + take);
            if (_filled == FrameIndex.FrameBytes)
            {
                Seal(_block, _filled, Task.CompletedTask, final: false);
                (_block, _filled) = (null, 0);
            }
        }
    }

    // A block begins at a whole chunk: all but the last are 64 of them.
    private void Seal(byte[] plain, int length, Task used, bool final)
    {
        long first = _chunk;
        _chunk += length / CobblestoneFormat.ChunkBytes;
        _sealed.Enqueue(Task.Run(async () =>
        {
            var output = FrameBuffers.Rent();
            int bytes = _cipher.Seal(first, plain.AsSpan(0, length), output, final);
            await used;
            FrameBuffers.Return(plain);
            return (output, bytes);
        }));
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        _stored += bytes.Length;
        return _sink.WriteAsync(bytes, _cancel);
    }

    private sealed record Frame(byte[] Plain, int Length, Task Hashed, Task<(byte[]? Buffer, int Bytes)> Packed);
}
