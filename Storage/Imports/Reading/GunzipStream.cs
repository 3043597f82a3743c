using System.IO.Compression;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// The content of a gzip file (RFC 1952), all its members, under two limits that stop a decompression bomb while it is read: decoded bytes in
/// all, and decoded bytes per stored byte. Breaks of a limit, damage and a missing end are <see cref="UnreadableFileException"/>. Owns the
/// stored stream.
/// </summary>
/// <remarks>
/// The runtime's gzip stream takes the end of its input for the end of the content, also in the middle of a member. So one more member
/// is put behind the file, with a mark as content: it comes out last exactly if the file's own last member was complete.
/// </remarks>
internal sealed class GunzipStream : ReadOnlyStream
{
    /// <summary>Below this the ratio does not matter: so much fits into memory many times over.</summary>
    private const long RatioFreeBytes = 16 << 20;

    private static readonly byte[] s_mark = "-- all members are complete --"u8.ToArray();
    private static readonly byte[] s_markMember = Compress(s_mark);

    private readonly GZipStream _gzip;
    private readonly CountingStream _counter;
    private readonly ReadOptions _options;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _ended;
    private long _decoded;

    /// <param name="stored">The gzip bytes.</param>
    /// <param name="counter">Counts the stored bytes taken.</param>
    public GunzipStream(Stream stored, CountingStream counter, ReadOptions options)
    {
        _gzip = new GZipStream(new SuffixedStream(stored, s_markMember), CompressionMode.Decompress);
        _counter = counter;
        _options = options;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // What may be the mark is held back.
        while (!_ended && _end - _start <= s_mark.Length) await FillAsync(cancellationToken);
        int given = Math.Min(buffer.Length, _end - _start - (_ended ? 0 : s_mark.Length));
        _buffer.AsMemory(_start, given).CopyTo(buffer);
        _start += given;
        return given;
    }

    public override async ValueTask DisposeAsync()
    {
        await _gzip.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int read;
        try
        {
            read = await _gzip.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new UnreadableFileException("gzip", $"The gzip file is damaged or cut off behind {_decoded} decompressed bytes.", e);
        }

        _end += read;
        _decoded += read;
        if (read == 0)
        {
            if (!_buffer.AsSpan(0, _end).EndsWith(s_mark))
            {
                throw new UnreadableFileException(
                    "gzip", $"The gzip file is cut off behind {_decoded} decompressed bytes, or has something else behind its end.");
            }

            _end -= s_mark.Length;
            _ended = true;
        }

        if (_decoded - s_mark.Length > _options.MaxDecodedBytes)
            throw new UnreadableFileException("too-large", $"The file decompresses to more than {_options.MaxDecodedBytes} bytes, the most accepted.");
        if (_decoded > RatioFreeBytes && _decoded / _options.MaxGzipRatio > _counter.Count)
        {
            throw new UnreadableFileException(
                "gzip-ratio",
                $"The gzip file decompresses to more than {_options.MaxGzipRatio} times its size, which no table of data does.");
        }
    }

    private static byte[] Compress(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal)) gzip.Write(content);
        return target.ToArray();
    }
}
