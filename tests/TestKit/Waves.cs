using System.Buffers.Binary;
using System.Text;

namespace CloudStore.TestKit;

/// <summary>Recordings of our own making.</summary>
public static class Waves
{
    /// <summary>A tone, mono, 16 bits.</summary>
    public static byte[] Tone(double seconds = 0.25, int rate = 8000, double hertz = 440)
    {
        var samples = new byte[(int)(seconds * rate) * 2];
        for (int i = 0; i < samples.Length / 2; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(samples.AsSpan(2 * i), (short)(12_000 * Math.Sin(2 * Math.PI * hertz * i / rate)));
        }

        return Riff("RIFF", null, Chunk("fmt ", Format(1, 1, rate, 16)), Chunk("data", samples));
    }

    /// <summary>A file of chunks.</summary>
    /// <param name="size">What its header says it has; null for what is right.</param>
    public static byte[] Riff(string name, uint? size, params byte[][] chunks)
    {
        var body = chunks.SelectMany(c => c).ToArray();
        return [.. Encoding.ASCII.GetBytes(name), .. Number(size ?? (uint)(4 + body.Length)), .. "WAVE"u8, .. body];
    }

    /// <summary>A chunk, with the byte that makes its length even.</summary>
    /// <param name="size">What it says it has; null for what is right.</param>
    public static byte[] Chunk(string name, byte[] body, uint? size = null) => [.. Encoding.ASCII.GetBytes(name), .. Number(size ?? (uint)body.Length), .. body, .. new byte[body.Length & 1]];

    /// <summary>The body of a format chunk.</summary>
    public static byte[] Format(int tag, int channels, int rate, int bits)
    {
        var body = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), rate);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), rate * channels * bits / 8);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(12), (ushort)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(14), (ushort)bits);
        return body;
    }

    /// <summary>The body of a format chunk of WAVE_FORMAT_EXTENSIBLE.</summary>
    public static byte[] Extensible(int subformat, int channels, int rate, int bits)
    {
        var body = new byte[40];
        Format(0xFFFE, channels, rate, bits).CopyTo(body, 0);
        body[16] = 22;
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(18), (ushort)bits);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(24), (ushort)subformat);
        // The rest of the GUID that all subformats with a number have.
        ((byte[])[0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]).CopyTo(body, 26);
        return body;
    }

    /// <summary>The body of the chunk that has the lengths of an RF64 file.</summary>
    public static byte[] LongSizes(long riff, long data, long samples)
    {
        var body = new byte[28];
        BinaryPrimitives.WriteInt64LittleEndian(body, riff);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(8), data);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(16), samples);
        return body;
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
