using System.Buffers.Binary;
using System.Globalization;

namespace CloudStore.Storage.Files;

/// <summary>
/// What a RIFF WAVE file's header says of it (IBM and Microsoft, Multimedia Programming Interface 1.0, and RFC 2361; WAVE_FORMAT_EXTENSIBLE by Microsoft's Multiple Channel Audio Data;
/// RF64 and BW64 by EBU Tech 3306 and ITU-R BS.2088). Nothing of it is believed that the file's length contradicts.
/// </summary>
/// <param name="Format">1: PCM; 3: floating point; 6 and 7: A-law and µ-law.</param>
/// <param name="Channels">1: mono.</param>
/// <param name="SampleRate">Hz.</param>
/// <param name="BitsPerSample">Of one channel.</param>
/// <param name="DataBytes">Of the samples, or what the file has left where the header says more or nothing, as that of a stream does.</param>
/// <param name="Duration">Seconds.</param>
public sealed record WaveHeader(int Format, int Channels, int SampleRate, int BitsPerSample, long DataBytes, double Duration)
{
    private const int Extensible = 0xFFFE, RiffBytes = 12, ChunkBytes = 8, BodyBytes = 40;

    /// <summary>Chunks before the samples that are looked at; no writer has a hundred.</summary>
    private const int MostChunks = 1000;

    /// <summary>How a sample is coded, as a word; another format's number.</summary>
    public string FormatName => Format switch
    {
        1 => "pcm",
        3 => "float",
        6 => "alaw",
        7 => "mulaw",
        _ => Format.ToString(CultureInfo.InvariantCulture),
    };

    /// <param name="head">The file's first bytes: some hundred do for almost all.</param>
    /// <param name="length">The file's length.</param>
    /// <returns>Null where it is no such file, or its sample chunk does not begin in <paramref name="head"/>.</returns>
    public static WaveHeader? Read(ReadOnlySpan<byte> head, long length)
    {
        var parser = new Parser(length);
        if (head.Length < RiffBytes || !parser.Begin(head[..RiffBytes]))
        {
            return null;
        }

        for (int i = 0; i < MostChunks && parser.At + ChunkBytes <= head.Length; i++)
        {
            var rest = head[(int)parser.At..];
            if (parser.Take(rest[..ChunkBytes], rest[ChunkBytes..Math.Min(rest.Length, ChunkBytes + BodyBytes)]))
            {
                break;
            }
        }

        return parser.Header;
    }

    /// <summary>Looks for the samples wherever they begin.</summary>
    /// <param name="content">The whole file; it can seek.</param>
    /// <returns>Null where it is no such file, or has no format and samples.</returns>
    public static async Task<WaveHeader?> ReadAsync(Stream content, CancellationToken cancellationToken = default)
    {
        var parser = new Parser(content.Length);
        var buffer = new byte[ChunkBytes + BodyBytes];
        content.Position = 0;
        if (await content.ReadAtLeastAsync(buffer.AsMemory(0, RiffBytes), RiffBytes, throwOnEndOfStream: false, cancellationToken) < RiffBytes || !parser.Begin(buffer.AsSpan(0, RiffBytes)))
        {
            return null;
        }

        for (int i = 0; i < MostChunks && parser.At + ChunkBytes <= content.Length; i++)
        {
            content.Position = parser.At;
            int read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            if (read < ChunkBytes || parser.Take(buffer.AsSpan(0, ChunkBytes), buffer.AsSpan(ChunkBytes, read - ChunkBytes)))
            {
                break;
            }
        }

        return parser.Header;
    }

    // Goes from chunk to chunk.
    private sealed class Parser(long length)
    {
        private (int Format, int Channels, int Rate, int BytesPerSecond, int Bits)? _format;
        private bool _isLong;
        private long? _longData;

        /// <summary>Where the next chunk begins.</summary>
        public long At { get; private set; } = RiffBytes;

        public WaveHeader? Header { get; private set; }

        public bool Begin(ReadOnlySpan<byte> riff)
        {
            _isLong = riff.StartsWith("RF64"u8) || riff.StartsWith("BW64"u8);
            return (_isLong || riff.StartsWith("RIFF"u8)) && riff[8..].SequenceEqual("WAVE"u8);
        }

        /// <param name="chunk">Its name and size.</param>
        /// <param name="body">What follows, as far as it is there.</param>
        /// <returns>True where there is nothing more to look for.</returns>
        public bool Take(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> body)
        {
            long size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("fmt "u8) && size >= 16 && body.Length >= 16)
            {
                int tag = BinaryPrimitives.ReadUInt16LittleEndian(body);
                // The GUID of a subformat begins with the format's number.
                tag = tag == Extensible && size >= 40 && body.Length >= 26 ? BinaryPrimitives.ReadUInt16LittleEndian(body[24..]) : tag;
                _format = (tag, BinaryPrimitives.ReadUInt16LittleEndian(body[2..]), BinaryPrimitives.ReadInt32LittleEndian(body[4..]), BinaryPrimitives.ReadInt32LittleEndian(body[8..]),
                    BinaryPrimitives.ReadUInt16LittleEndian(body[14..]));
            }
            else if (_isLong && chunk.StartsWith("ds64"u8) && size >= 24 && body.Length >= 16)
            {
                _longData = BinaryPrimitives.ReadInt64LittleEndian(body[8..]);
            }
            else if (chunk.StartsWith("data"u8))
            {
                long said = size is 0 or uint.MaxValue ? _longData is > 0 ? _longData.Value : long.MaxValue : size;
                long data = Math.Clamp(length - At - ChunkBytes, 0, said);
                Header = _format is { } f && f is { Channels: > 0, Rate: > 0, BytesPerSecond: > 0 } ? new WaveHeader(f.Format, f.Channels, f.Rate, f.Bits, data, (double)data / f.BytesPerSecond) : null;
                return true;
            }

            // Chunks begin at even places.
            At += ChunkBytes + size + (size & 1);
            return false;
        }
    }
}
