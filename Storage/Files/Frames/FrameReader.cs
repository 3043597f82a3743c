using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Contents;

namespace CloudStore.Storage.Files.Frames;

/// <summary>Reads content from any place of it: only the chunks and frames that hold what is asked for. Safe for several readers at once.</summary>
public sealed class FrameReader : IAsyncDisposable
{
    private const int TailBytes = 4 * CobblestoneFormat.SealedChunkBytes;
    private readonly IContentSource _source;
    private readonly CobblestoneCipher _cipher;
    private readonly FrameCodec _codec;
    private readonly long _message;

    private FrameReader(IContentSource source, CobblestoneCipher cipher, FrameCodec codec, long message) => (_source, _cipher, _codec, _message) = (source, cipher, codec, message);

    /// <summary>Where its frames are.</summary>
    public FrameIndex Index { get; private set; } = null!;

    /// <summary>Opens content; from then on the source is the reader's.</summary>
    /// <exception cref="DamagedContentException">Its header or its end is not what was written, or key and context are not its own.</exception>
    public static async Task<FrameReader> OpenAsync(IContentSource source, ReadOnlyMemory<byte> key, FileContext context, FileCodec codec, CancellationToken cancellationToken = default)
    {
        CobblestoneCipher? cipher = null;
        try
        {
            long message = CobblestoneFormat.PlainLength(source.Length);
            var header = new byte[CobblestoneFormat.HeaderBytes];
            await source.ReadAsync(0, header, cancellationToken);
            cipher = CobblestoneCipher.Open(key.Span, context.Bytes(codec), header);
            var reader = new FrameReader(source, cipher, FrameCodec.Of(codec), message);
            await reader.ReadIndexAsync(codec, cancellationToken);
            return reader;
        }
        catch
        {
            cipher?.Dispose();
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>A part of a frame of the content.</summary>
    /// <param name="from">Where in the frame it begins.</param>
    /// <param name="to">Where in the frame it ends.</param>
    /// <exception cref="DamagedContentException">It is not what was written.</exception>
    internal async Task<FrameData> ReadAsync(int frame, int from, int to, CancellationToken cancellationToken = default)
    {
        var (offset, bytes, raw) = Index.Place(frame);
        if (raw)
        {
            return await DecryptAsync(offset + from, to - from, cancellationToken);
        }

        using var packed = await DecryptAsync(offset, bytes, cancellationToken);
        var plain = FrameBuffers.Rent();
        try
        {
            _codec.Decompress(packed.Buffer, packed.Offset, packed.Count, plain, Index.PlainBytes(frame));
            return new FrameData(plain, from, to - from);
        }
        catch (InvalidDataException e)
        {
            FrameBuffers.Return(plain);
            throw new DamagedContentException(offset / CobblestoneFormat.ChunkBytes, $"frame {frame} begins here, and {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _cipher.Dispose();
        await _source.DisposeAsync();
    }

    private async Task ReadIndexAsync(FileCodec codec, CancellationToken cancellationToken)
    {
        long last = CobblestoneFormat.Chunks(_message) - 1;
        if (_message < FrameIndex.TrailerBytes)
        {
            throw new DamagedContentException(last, "the trailer is missing");
        }

        using var tail = await DecryptAsync(Math.Max(0, _message - TailBytes), (int)Math.Min(_message, TailBytes), cancellationToken);
        long length = FrameIndex.ReadTrailer(tail.Span[^FrameIndex.TrailerBytes..], codec, _message);
        var entries = new byte[FrameIndex.Count(length) * FrameIndex.EntryBytes];
        int there = Math.Min(entries.Length, tail.Count - FrameIndex.TrailerBytes);
        tail.Span.Slice(tail.Count - FrameIndex.TrailerBytes - there, there).CopyTo(entries.AsSpan(entries.Length - there));
        for (int left = entries.Length - there; left > 0;)
        {
            int take = Math.Min(left, FrameIndex.FrameBytes);
            using var part = await DecryptAsync(_message - FrameIndex.TrailerBytes - entries.Length + left - take, take, cancellationToken);
            part.Span.CopyTo(entries.AsSpan(left - take));
            left -= take;
        }

        Index = FrameIndex.Read(entries, codec, length, _message);
    }

    // Up to a frame of the message.
    private async Task<FrameData> DecryptAsync(long offset, int count, CancellationToken cancellationToken)
    {
        long first = offset / CobblestoneFormat.ChunkBytes, last = (offset + Math.Max(count, 1) - 1) / CobblestoneFormat.ChunkBytes;
        long begin = CobblestoneFormat.OffsetOf(first), end = Math.Min(CobblestoneFormat.OffsetOf(last + 1), _source.Length);
        byte[] content = FrameBuffers.Rent(), plain = FrameBuffers.Rent();
        try
        {
            await _source.ReadAsync(begin, content.AsMemory(0, (int)(end - begin)), cancellationToken);
            _cipher.Open(first, content.AsSpan(0, (int)(end - begin)), plain);
            var data = new FrameData(plain, (int)(offset % CobblestoneFormat.ChunkBytes), count);
            plain = null!;
            return data;
        }
        catch (EndOfStreamException e)
        {
            throw new DamagedContentException(last, "it was cut off since it was opened", e);
        }
        finally
        {
            FrameBuffers.Return(content);
            if (plain is not null)
            {
                FrameBuffers.Return(plain);
            }
        }
    }
}

/// <summary>Bytes in a lent buffer.</summary>
internal sealed class FrameData(byte[] buffer, int offset, int count) : IDisposable
{
    private byte[]? _buffer = buffer;

    public byte[] Buffer => _buffer!;

    public int Offset => offset;

    public int Count => count;

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(offset, count);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } lent)
        {
            FrameBuffers.Return(lent);
        }
    }
}
