using System.IO.Compression;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// The content of a gzip file (RFC 1952), all its members, under two limits that stop a decompression bomb while it is read: decoded bytes in
/// all, and decoded bytes per stored byte. Breaks of a limit, damage and a missing end are <see cref="UnreadableFileException"/>. Owns the
/// stored stream.
/// </summary>
/// <remarks>
/// The runtime's gzip stream takes the end of its input for the end of the content, also in the middle of a member. So one more member
/// is put behind the file, with a mark as content: exactly the mark comes out of it if the file's own last member was complete.
/// </remarks>
internal sealed class GunzipStream : ReadOnlyStream
{
    /// <summary>Below this the ratio does not matter: so much fits into memory many times over.</summary>
    private const long RatioFreeBytes = 16 << 20;

    private static readonly byte[] s_mark = "-- all members are complete --"u8.ToArray();
    private static readonly byte[] s_markMember = Compress(s_mark);

    private readonly SuffixedStream _stored;
    private readonly GZipStream _gzip;
    private readonly CountingStream _counter;
    private readonly ReadOptions _options;
    private bool _ended;
    private long _decoded;

    /// <param name="stored">The gzip bytes.</param>
    /// <param name="counter">Counts the stored bytes taken.</param>
    public GunzipStream(Stream stored, CountingStream counter, ReadOptions options)
    {
        _stored = new SuffixedStream(stored, s_markMember);
        _gzip = new GZipStream(_stored, CompressionMode.Decompress);
        _counter = counter;
        _options = options;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty) return 0;
        int read = await InflateAsync(buffer, cancellationToken);
        if (read == 0 || _stored.SuffixTaken)
        {
            await CheckEndAsync(buffer[..read], cancellationToken);
            _ended = true;
            return 0;
        }

        _decoded += read;
        CheckLimits();
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await _gzip.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>
    /// What comes out once the member behind the file was taken in has to be the mark and nothing else: behind a member that is cut off, the
    /// decompressor makes up content from that member's bytes, which no row may be read from.
    /// </summary>
    private async ValueTask CheckEndAsync(ReadOnlyMemory<byte> beginning, CancellationToken cancellationToken)
    {
        byte[] tail = new byte[s_mark.Length + 1];
        int length = Math.Min(beginning.Length, tail.Length);
        beginning[..length].CopyTo(tail);
        int read = length;
        while (read > 0 && length < tail.Length)
        {
            read = await InflateAsync(tail.AsMemory(length), cancellationToken);
            length += read;
        }

        if (!tail.AsSpan(0, length).SequenceEqual(s_mark))
        {
            throw new UnreadableFileException(
                "gzip", $"The gzip file is cut off behind {_decoded} decompressed bytes, or has something else behind its end.");
        }
    }

    private async ValueTask<int> InflateAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _gzip.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new UnreadableFileException("gzip", $"The gzip file is damaged or cut off behind {_decoded} decompressed bytes.", e);
        }
    }

    private void CheckLimits()
    {
        if (_decoded > _options.MaxDecodedBytes)
        {
            throw new UnreadableFileException(
                "too-large", $"The file decompresses to more than {_options.MaxDecodedBytes} bytes, the most accepted (setting Imports:MaxDecodedBytes).");
        }

        if (_decoded > RatioFreeBytes && _decoded / _options.MaxGzipRatio > _counter.Count)
        {
            throw new UnreadableFileException(
                "gzip-ratio",
                $"The gzip file decompresses to more than {_options.MaxGzipRatio} times its size, which no table of data does (setting Imports:MaxGzipRatio).");
        }
    }

    private static byte[] Compress(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal)) gzip.Write(content);
        return target.ToArray();
    }
}
