using System.Buffers.Binary;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// A decimal in the form that numeric_recv takes: the number of base-10000 digits, the weight of the first (0 for units), the sign, the count of decimals
/// shown, then the digits, the highest first; zero digits at either end are left out.
/// </summary>
internal static class CopyNumeric
{
    /// <summary>29 decimal digits and at most 3 zeros that fill up the decimals: 8 digits of base 10000.</summary>
    public const int MostBytes = HeaderBytes + MostDigits * sizeof(short);

    private const int HeaderBytes = 8;
    private const int MostDigits = 8;
    private const ushort Negative = 0x4000;

    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> target, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        int scale = value.Scale;
        int fractionDigits = (scale + 3) / 4;
        // Filled up with zeros so that the decimals are whole digits of base 10000.
        ushort fill = (fractionDigits * 4 - scale) switch { 0 => 1, 1 => 10, 2 => 100, _ => 1000 };
        Span<ushort> digits = stackalloc ushort[MostDigits];
        ulong low = (uint)parts[0] | (ulong)(uint)parts[1] << 32;
        int count = parts[2] == 0 && low <= ulong.MaxValue / 1000
            ? Split(low * fill, digits)
            : Split(new UInt128((uint)parts[2], low) * fill, digits);
        int skipped = 0;
        while (skipped < count && digits[skipped] == 0)
        {
            skipped++;
        }

        int weight = count == 0 ? 0 : count - fractionDigits - 1;
        BinaryPrimitives.WriteInt16BigEndian(target, (short)(count - skipped));
        BinaryPrimitives.WriteInt16BigEndian(target[2..], (short)weight);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], value < 0 ? Negative : (ushort)0);
        BinaryPrimitives.WriteInt16BigEndian(target[6..], (short)scale);
        int at = HeaderBytes;
        for (int i = count - 1; i >= skipped; i--)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target[at..], digits[i]);
            at += sizeof(ushort);
        }

        return at;
    }

    // The lowest digit first; the count leaves out zero digits at the high end.
    private static int Split(ulong number, Span<ushort> digits)
    {
        int count = 0;
        for (; number != 0; number /= 10_000)
        {
            digits[count++] = (ushort)(number % 10_000);
        }

        return count;
    }

    private static int Split(UInt128 number, Span<ushort> digits)
    {
        int count = 0;
        for (; number > ulong.MaxValue; number /= 10_000)
        {
            digits[count++] = (ushort)(number % 10_000);
        }

        return count + Split((ulong)number, digits[count..]);
    }
}
