using System.Buffers.Binary;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Compression;

namespace CloudStore.Storage.Files.Frames;

/// <summary>
/// Where frames are in the message. The message is the frames, then four bytes for each frame (the bytes it takes; the highest bit is set where it is not compressed), then a trailer of
/// 16 bytes: <c>"CSF1" | codec (1) | 20 | 0 0 | content's length (8)</c>, numbers big-endian. A frame is 1 MiB (2^20) of content, the last one what is left.
/// </summary>
public sealed class FrameIndex
{
    public const int FrameBits = 20;
    public const int FrameBytes = 1 << FrameBits;
    public const int TrailerBytes = 16;
    public const int EntryBytes = 4;
    private const uint Raw = 1u << 31;
    private readonly long[] _ends;
    private readonly uint[] _entries;

    private FrameIndex(FileCodec codec, long length, uint[] entries, long[] ends) => (Codec, Length, _entries, _ends) = (codec, length, entries, ends);

    public FileCodec Codec { get; }

    /// <summary>The content's length.</summary>
    public long Length { get; }

    public int Frames => _entries.Length;

    /// <summary>How much of the content is in a frame.</summary>
    public int PlainBytes(int frame) => (int)Math.Min(FrameBytes, Length - ((long)frame << FrameBits));

    /// <summary>Where the frame is in the message.</summary>
    public (long Offset, int Bytes, bool Raw) Place(int frame)
    {
        int bytes = (int)(_entries[frame] & ~Raw);
        return (_ends[frame] - bytes, bytes, (_entries[frame] & Raw) != 0);
    }

    /// <summary>How many frames a content of that length has.</summary>
    public static long Count(long length) => (length + FrameBytes - 1) >> FrameBits;

    public static uint Entry(int bytes, bool raw) => (uint)bytes | (raw ? Raw : 0);

    /// <summary>The index and the trailer, as they end the message.</summary>
    public static byte[] Write(FileCodec codec, long length, IReadOnlyList<uint> entries)
    {
        var bytes = new byte[entries.Count * EntryBytes + TrailerBytes];
        for (int i = 0; i < entries.Count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * EntryBytes), entries[i]);
        }

        var trailer = bytes.AsSpan(entries.Count * EntryBytes);
        "CSF1"u8.CopyTo(trailer);
        trailer[4] = (byte)codec;
        trailer[5] = FrameBits;
        BinaryPrimitives.WriteInt64BigEndian(trailer[8..], length);
        return bytes;
    }

    /// <summary>The content's length, of a trailer.</summary>
    /// <param name="message">The message's length.</param>
    /// <exception cref="DamagedContentException">It is no trailer of this codec, or its length does not fit.</exception>
    public static long ReadTrailer(ReadOnlySpan<byte> trailer, FileCodec codec, long message)
    {
        long length = BinaryPrimitives.ReadInt64BigEndian(trailer[8..]);
        bool fits = trailer[..4].SequenceEqual("CSF1"u8) && trailer[4] == (byte)codec && trailer[5] == FrameBits && trailer[6] == 0 && trailer[7] == 0
            && length >= 0 && Count(length) <= (message - TrailerBytes) / EntryBytes && Count(length) <= int.MaxValue / EntryBytes;
        return fits ? length : throw new DamagedContentException(CobblestoneFormat.Chunks(message) - 1, "the trailer is none of this content");
    }

    /// <summary>Reads the entries and checks that they describe the message exactly.</summary>
    /// <exception cref="DamagedContentException">They do not.</exception>
    public static FrameIndex Read(ReadOnlySpan<byte> index, FileCodec codec, long length, long message)
    {
        int count = index.Length / EntryBytes;
        var (entries, ends) = (new uint[count], new long[count]);
        long end = 0;
        for (int i = 0; i < count; i++)
        {
            entries[i] = BinaryPrimitives.ReadUInt32BigEndian(index[(i * EntryBytes)..]);
            long bytes = entries[i] & ~Raw, plain = Math.Min(FrameBytes, length - ((long)i << FrameBits));
            if (((entries[i] & Raw) != 0 ? bytes != plain : bytes >= plain) || bytes == 0)
            {
                throw new DamagedContentException(CobblestoneFormat.Chunks(message) - 1, $"the index gives frame {i} {bytes} bytes for {plain}");
            }

            ends[i] = end += bytes;
        }

        return end + index.Length + TrailerBytes == message
            ? new FrameIndex(codec, length, entries, ends)
            : throw new DamagedContentException(CobblestoneFormat.Chunks(message) - 1, $"the index describes {end} bytes of frames and there are {message - index.Length - TrailerBytes}");
    }
}
