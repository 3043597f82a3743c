using System.Runtime.Intrinsics;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>Writes numbers in runs of one value where they repeat, and packed where they do not: the format's RLE / bit-packing hybrid.</summary>
internal static class HybridWriter
{
    private const int Group = 8, ShortestRun = 16;

    /// <param name="width">Bits of the greatest number.</param>
    public static void Write(ReadOnlySpan<int> values, int width, ByteBuffer output)
    {
        int packed = 0, at = 0;
        while (values.Length - at >= Group)
        {
            int run = AllEqual(values.Slice(at, Group)) ? Group + Equal(values[(at + Group)..], values[at]) : 0;
            if (run < ShortestRun)
            {
                at += Group;
                continue;
            }

            Packed(values[packed..at], width, output);
            Run(run, values[at], width, output);
            at += run;
            packed = at;
        }

        Packed(values[packed..], width, output);
    }

    public static void Run(int count, int value, int width, ByteBuffer output)
    {
        output.Varint((ulong)count << 1);
        for (int bits = 0; bits < width; bits += 8)
        {
            output.Byte((byte)(value >> bits));
        }
    }

    /// <summary>Numbers of one bit.</summary>
    /// <param name="bits">At least the bits from <paramref name="start"/> on.</param>
    public static void Bits(Columns.Validity bits, int start, int count, ByteBuffer output)
    {
        int bytes = (count + 7) / 8;
        output.Varint(((ulong)bytes << 1) | 1);
        var part = bits.Slice(start, count);
        var target = output.Room(bytes);
        for (int i = 0; i < bytes; i += 8)
        {
            ulong word = part.Word(i * 8);
            for (int b = 0; b < Math.Min(8, bytes - i); b++)
            {
                target[i + b] = (byte)(word >> (8 * b));
            }
        }

        output.Advance(bytes);
    }

    private static void Packed(ReadOnlySpan<int> values, int width, ByteBuffer output)
    {
        if (values.Length > 0)
        {
            output.Varint(((ulong)(values.Length + Group - 1) / Group << 1) | 1);
            BitPacking.Pack(values, width, output);
        }
    }

    private static bool AllEqual(ReadOnlySpan<int> group) => Vector256.EqualsAll(Vector256.Create(group), Vector256.Create(group[0]));

    private static int Equal(ReadOnlySpan<int> values, int value) => values.IndexOfAnyExcept(value) is >= 0 and var other ? other : values.Length;
}
