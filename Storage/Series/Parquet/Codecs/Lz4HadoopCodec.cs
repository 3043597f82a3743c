using System.Buffers.Binary;

namespace CloudStore.Storage.Series.Parquet.Codecs;

/// <summary>
/// What the format's codec LZ4 came to be: LZ4 blocks in Hadoop's framing (both lengths before each, the highest byte first), or without it, as other writers took it. Read only: the format
/// gives it up for LZ4_RAW.
/// </summary>
internal sealed class Lz4HadoopCodec : PageCodec
{
    public override int MaxExpansion => 256;

    public override void Compress(ReadOnlySpan<byte> plain, ByteBuffer output) => throw new ParquetException("the codec LZ4 is read only: write LZ4_RAW");

    public override void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        if (!TryFramed(packed, plain) && !Lz4Codec.TryDecompress(packed, plain))
        {
            throw Damaged("lz4", plain.Length);
        }
    }

    private static bool TryFramed(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        while (packed.Length >= 8)
        {
            uint plainLength = BinaryPrimitives.ReadUInt32BigEndian(packed), packedLength = BinaryPrimitives.ReadUInt32BigEndian(packed[4..]);
            packed = packed[8..];
            if (plainLength > plain.Length || packedLength > packed.Length || !Lz4Codec.TryDecompress(packed[..(int)packedLength], plain[..(int)plainLength]))
            {
                return false;
            }

            packed = packed[(int)packedLength..];
            plain = plain[(int)plainLength..];
        }

        return packed.IsEmpty && plain.IsEmpty;
    }
}
