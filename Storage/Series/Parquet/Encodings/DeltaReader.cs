using System.Runtime.CompilerServices;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>DELTA_BINARY_PACKED: the first value, then differences in blocks, less the block's smallest and packed with as many bits as each part of the block needs.</summary>
internal static class DeltaReader
{
    private const int Step = 256;

    /// <param name="target">As many values as there must be.</param>
    /// <returns>How many bytes they took.</returns>
    /// <exception cref="ParquetException">There are more or fewer values, or the bytes are not as the format says.</exception>
    [SkipLocalsInit]
    public static int Read(ReadOnlySpan<byte> data, Span<long> target)
    {
        int at = 0;
        ulong block = Varint(data, ref at), parts = Varint(data, ref at), count = Varint(data, ref at);
        long value = ZigZag(Varint(data, ref at));
        if (block is 0 or > (1 << 24) || block % 128 != 0 || parts == 0 || parts > block / 32 || block % parts != 0 || block / parts % 32 != 0)
        {
            throw new ParquetException($"differences in blocks of {block} values in {parts} parts are not of the format");
        }

        if (count != (ulong)target.Length)
        {
            throw new ParquetException($"the page has {count} differences where its header counts {target.Length} values");
        }

        if (target.Length == 0)
        {
            return at;
        }

        target[0] = value;
        int part = (int)(block / parts);
        for (int done = 1; done < target.Length;)
        {
            long least = ZigZag(Varint(data, ref at));
            var widths = Cut(data, ref at, (int)parts);
            for (int i = 0; i < widths.Length && done < target.Length; i++)
            {
                int take = Math.Min(part, target.Length - done);
                at += Part(data[at..], widths[i], least, part, ref value, target.Slice(done, take));
                done += take;
            }
        }

        return at;
    }

    /// <summary>The same of 32 bits, in which sums go round as the format says.</summary>
    [SkipLocalsInit]
    public static int Read(ReadOnlySpan<byte> data, Span<int> target)
    {
        using var wide = new Pooled<long>(target.Length);
        int read = Read(data, wide.Span);
        var from = wide.Span;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (int)from[i];
        }

        return read;
    }

    [SkipLocalsInit]
    private static int Part(ReadOnlySpan<byte> data, int width, long least, int part, ref long value, Span<long> target)
    {
        if (width > 64)
        {
            throw new ParquetException($"a difference of {width} bits is more than the format has");
        }

        long last = value;
        if (width == 0)
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = last += least;
            }

            value = last;
            return 0;
        }

        Span<uint> narrow = stackalloc uint[Step];
        Span<ulong> wide = stackalloc ulong[Step];
        int bytes = (int)Math.Min(data.Length, BitPacking.ByteCount(part, width));
        for (int done = 0; done < target.Length; done += Step)
        {
            var to = target[done..Math.Min(target.Length, done + Step)];
            var from = data[(int)Math.Min(bytes, BitPacking.ByteCount(done, width))..bytes];
            if (width <= 32)
            {
                BitPacking.Unpack(from, width, narrow[..to.Length]);
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = last += least + narrow[i];
                }
            }
            else
            {
                BitPacking.Unpack(from, width, wide[..to.Length]);
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = last += least + (long)wide[i];
                }
            }
        }

        value = last;
        return bytes;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> data, ref int at, int count)
    {
        if (count > data.Length - at)
        {
            throw Ends();
        }

        at += count;
        return data.Slice(at - count, count);
    }

    private static ulong Varint(ReadOnlySpan<byte> data, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && at < data.Length; shift += 7)
        {
            byte next = data[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Ends();
    }

    private static long ZigZag(ulong raw) => (long)(raw >> 1) ^ -(long)(raw & 1);

    private static ParquetException Ends() => new("the page's differences end before its values");
}
