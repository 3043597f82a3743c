using System.Buffers.Binary;

namespace CloudStore.Storage.Files;

/// <summary>What a RIFF WAVE file's header says of it (IBM and Microsoft, Multimedia Programming Interface 1.0, and RFC 2361).</summary>
/// <param name="Format">1: PCM; 3: floating point; 6 and 7: A-law and µ-law.</param>
/// <param name="Channels">1: mono.</param>
/// <param name="SampleRate">Hz.</param>
/// <param name="BitsPerSample">Of one channel.</param>
/// <param name="DataBytes">Of the samples, or what the file has left where the header says more or nothing, as that of a stream does.</param>
/// <param name="Duration">Seconds.</param>
public sealed record WaveHeader(int Format, int Channels, int SampleRate, int BitsPerSample, long DataBytes, double Duration)
{
    private const int Extensible = 0xFFFE;

    /// <param name="head">The file's first bytes: some hundred do for almost all.</param>
    /// <param name="length">The file's length.</param>
    /// <returns>Null where it is no such file, or its sample chunk does not begin in <paramref name="head"/>.</returns>
    public static WaveHeader? Read(ReadOnlySpan<byte> head, long length)
    {
        if (head.Length < 12 || !head.StartsWith("RIFF"u8) || !head[8..12].SequenceEqual("WAVE"u8))
        {
            return null;
        }

        (int Format, int Channels, int Rate, int BytesPerSecond, int Bits)? format = null;
        for (long at = 12; at + 8 <= head.Length;)
        {
            var chunk = head[(int)at..];
            long size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("fmt "u8) && size >= 16 && chunk.Length >= 24)
            {
                int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]);
                tag = tag == Extensible && size >= 40 && chunk.Length >= 34 ? BinaryPrimitives.ReadUInt16LittleEndian(chunk[32..]) : tag;
                format = (tag, BinaryPrimitives.ReadUInt16LittleEndian(chunk[10..]), BinaryPrimitives.ReadInt32LittleEndian(chunk[12..]), BinaryPrimitives.ReadInt32LittleEndian(chunk[16..]),
                    BinaryPrimitives.ReadUInt16LittleEndian(chunk[22..]));
            }
            else if (chunk.StartsWith("data"u8))
            {
                long data = Math.Clamp(length - at - 8, 0, size is 0 or uint.MaxValue ? long.MaxValue : size);
                return format is { } f && f is { Channels: > 0, Rate: > 0, BytesPerSecond: > 0 } ? new WaveHeader(f.Format, f.Channels, f.Rate, f.Bits, data, (double)data / f.BytesPerSecond) : null;
            }

            at += 8 + size + (size & 1);
        }

        return null;
    }
}
