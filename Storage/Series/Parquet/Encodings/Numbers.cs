using System.Buffers.Binary;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>Numbers that are stored as byte arrays.</summary>
internal static class Numbers
{
    private const int Bytes = 16;

    /// <summary>Two's complement, the highest byte first. No bytes are 0.</summary>
    /// <exception cref="ParquetException">It needs more than 128 bits.</exception>
    public static Int128 Decimal(ReadOnlySpan<byte> value)
    {
        byte sign = value.Length > 0 && value[0] >= 0x80 ? (byte)0xFF : (byte)0;
        for (; value.Length > Bytes; value = value[1..])
        {
            if (value[0] != sign || (value[1] >= 0x80 ? 0xFF : 0) != sign)
            {
                throw new ParquetException($"a decimal of {value.Length} bytes needs more than 128 bits");
            }
        }

        Span<byte> wide = stackalloc byte[Bytes];
        wide.Fill(sign);
        value.CopyTo(wide[(Bytes - value.Length)..]);
        return BinaryPrimitives.ReadInt128BigEndian(wide);
    }

    /// <summary>The same the other way, in the bytes that are there.</summary>
    /// <exception cref="ParquetException">They are too few.</exception>
    public static void WriteDecimal(Int128 value, Span<byte> target)
    {
        Span<byte> wide = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt128BigEndian(wide, value);
        wide[(Bytes - target.Length)..].CopyTo(target);
        if (Decimal(target) != value)
        {
            throw new ParquetException($"the decimal {value} has more digits than the column's type");
        }
    }

    public static float Half(ReadOnlySpan<byte> value) => (float)BinaryPrimitives.ReadHalfLittleEndian(value);
}
