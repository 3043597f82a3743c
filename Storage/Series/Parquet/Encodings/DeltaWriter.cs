using System.Numerics;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>DELTA_BINARY_PACKED in blocks of 128 values in four parts, as most writers have it.</summary>
internal static class DeltaWriter
{
    private const int Block = 128, Parts = 4, Part = Block / Parts;

    /// <param name="isWide">False for values of 32 bits, whose differences go round in 32 bits.</param>
    public static void Write(ReadOnlySpan<long> values, bool isWide, ByteBuffer output)
    {
        output.Varint(Block);
        output.Varint(Parts);
        output.Varint((ulong)values.Length);
        output.Varint(ZigZag(values.Length > 0 ? values[0] : 0));
        Span<ulong> over = stackalloc ulong[Block];
        Span<int> widths = stackalloc int[Parts];
        for (int at = 1; at < values.Length; at += Block)
        {
            int count = Math.Min(Block, values.Length - at);
            long least = Differences(values.Slice(at - 1, count + 1), isWide, over, widths);
            output.Varint(ZigZag(least));
            foreach (int width in widths)
            {
                output.Byte((byte)width);
            }

            for (int i = 0; i * Part < count; i++)
            {
                if (widths[i] > 0)
                {
                    BitPacking.Pack(over.Slice(i * Part, Part), widths[i], output);
                }
            }
        }
    }

    /// <summary>How many bits a value would take, by some blocks out of all.</summary>
    public static double Estimate(ReadOnlySpan<long> values, bool isWide)
    {
        const int Samples = 32;
        Span<ulong> over = stackalloc ulong[Block];
        Span<int> widths = stackalloc int[Parts];
        long bits = 0, counted = 0;
        int step = Math.Max(Block, values.Length / Samples);
        for (int at = 1; at < values.Length; at += step)
        {
            int count = Math.Min(Block, values.Length - at);
            long least = Differences(values.Slice(at - 1, count + 1), isWide, over, widths);
            bits += 8 * Parts + 64 - BitOperations.LeadingZeroCount(ZigZag(least) | 1);
            foreach (int width in widths)
            {
                bits += width * Part;
            }

            counted += count;
        }

        return counted == 0 ? 64 : (double)bits / counted;
    }

    // The differences less the smallest of them, and how many bits the parts need.
    private static long Differences(ReadOnlySpan<long> values, bool isWide, Span<ulong> over, Span<int> widths)
    {
        Span<long> differences = stackalloc long[Block];
        int count = values.Length - 1;
        long least = long.MaxValue;
        for (int i = 0; i < count; i++)
        {
            long difference = values[i + 1] - values[i];
            differences[i] = isWide ? difference : (int)difference;
            least = Math.Min(least, differences[i]);
        }

        over.Clear();
        widths.Clear();
        for (int i = 0; i < count; i++)
        {
            long more = differences[i] - least;
            over[i] = isWide ? (ulong)more : (uint)more;
            widths[i / Part] = Math.Max(widths[i / Part], 64 - BitOperations.LeadingZeroCount(over[i]));
        }

        return least;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
