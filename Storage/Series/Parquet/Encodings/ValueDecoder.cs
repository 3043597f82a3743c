using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>Reads the values of a page that are there, as a column holds them. Dictionary indices are not its business. Safe for any number of threads.</summary>
internal abstract class ValueDecoder<T>
    where T : unmanaged
{
    /// <summary>Fills <paramref name="target"/>.</summary>
    /// <exception cref="ParquetException">There are fewer values, or the type is not encoded so.</exception>
    public abstract void Decode(ParquetEncoding encoding, ReadOnlySpan<byte> data, Span<T> target);

    private protected static ParquetException Unknown(ParquetEncoding encoding) => new($"the page is encoded as {encoding}, which values of type {typeof(T).Name} are not");

    private protected static ReadOnlySpan<byte> First(ReadOnlySpan<byte> data, long length) =>
        data.Length >= length ? data[..(int)length] : throw new ParquetException($"the page has {data.Length} bytes of values where its header counts {length}");
}

/// <summary>Values that are stored as they are held.</summary>
internal sealed class PlainDecoder<T> : ValueDecoder<T>
    where T : unmanaged
{
    public override void Decode(ParquetEncoding encoding, ReadOnlySpan<byte> data, Span<T> target)
    {
        var bytes = MemoryMarshal.AsBytes(target);
        switch (encoding)
        {
            case ParquetEncoding.Plain:
                First(data, bytes.Length).CopyTo(bytes);
                break;
            case ParquetEncoding.ByteStreamSplit:
                ByteStreamSplit.Read(data, bytes.Length == 0 ? 1 : bytes.Length / target.Length, bytes);
                break;
            case ParquetEncoding.DeltaBinaryPacked when typeof(T) == typeof(long):
                DeltaReader.Read(data, MemoryMarshal.Cast<T, long>(target));
                break;
            case ParquetEncoding.DeltaBinaryPacked when typeof(T) == typeof(int):
                DeltaReader.Read(data, MemoryMarshal.Cast<T, int>(target));
                break;
            default:
                throw Unknown(encoding);
        }
    }
}

/// <summary>Values that are held as another type than they are stored.</summary>
internal sealed class ConvertingDecoder<TStored, T>(ValueDecoder<TStored> stored, Func<TStored, T> convert) : ValueDecoder<T>
    where TStored : unmanaged
    where T : unmanaged
{
    public override void Decode(ParquetEncoding encoding, ReadOnlySpan<byte> data, Span<T> target)
    {
        using var values = new Pooled<TStored>(target.Length);
        stored.Decode(encoding, data, values.Span);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = convert(values.Span[i]);
        }
    }
}

/// <summary>One bit each, or runs.</summary>
internal sealed class BooleanDecoder : ValueDecoder<bool>
{
    public override void Decode(ParquetEncoding encoding, ReadOnlySpan<byte> data, Span<bool> target)
    {
        switch (encoding)
        {
            case ParquetEncoding.Plain:
                data = First(data, BitPacking.ByteCount(target.Length, 1));
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (data[i >> 3] >> (i & 7) & 1) != 0;
                }

                break;
            case ParquetEncoding.Rle:
                // The runs' length stands before them, in data pages of both versions.
                int length = BinaryPrimitives.ReadInt32LittleEndian(First(data, 4));
                using (var bits = new Pooled<int>(target.Length))
                {
                    new HybridReader(length >= 0 ? First(data[4..], length) : First(data, long.MaxValue), 1).Read(bits.Span, 2);
                    for (int i = 0; i < target.Length; i++)
                    {
                        target[i] = bits.Span[i] != 0;
                    }
                }

                break;
            default:
                throw Unknown(encoding);
        }
    }
}

/// <summary>INT96: nanoseconds of the day and the Julian day, as Impala and Spark stored timestamps.</summary>
internal sealed class Int96Decoder(TimeUnit unit) : ValueDecoder<long>
{
    private const int Bytes = 12;
    private const long JulianEpoch = 2_440_588, NanosecondsOfDay = 86_400_000_000_000;

    public override void Decode(ParquetEncoding encoding, ReadOnlySpan<byte> data, Span<long> target)
    {
        if (encoding != ParquetEncoding.Plain)
        {
            throw Unknown(encoding);
        }

        data = First(data, (long)target.Length * Bytes);
        for (int i = 0; i < target.Length; i++)
        {
            var value = data.Slice(i * Bytes, Bytes);
            target[i] = Of(BinaryPrimitives.ReadInt32LittleEndian(value[8..]) - JulianEpoch, BinaryPrimitives.ReadInt64LittleEndian(value));
        }
    }

    private long Of(long days, long nanoseconds)
    {
        if (unit == TimeUnit.Nanoseconds)
        {
            var time = (Int128)days * NanosecondsOfDay + nanoseconds;
            return time >= long.MinValue && time <= long.MaxValue
                ? (long)time
                : throw new ParquetException($"the timestamp of Julian day {days + JulianEpoch} does not fit 64 bits of nanoseconds (see Int96Unit)");
        }

        // Spark counts microseconds, and days that it made of them beyond 32 bits come out right only where the sum goes round as its own does.
        long microseconds = unchecked(days * (NanosecondsOfDay / 1000) + FloorDivide(nanoseconds, 1000));
        return unit == TimeUnit.Microseconds ? microseconds : FloorDivide(microseconds, 1000);
    }

    private static long FloorDivide(long value, long divisor) => value / divisor - (value % divisor < 0 ? 1 : 0);
}

/// <summary>Byte arrays that are numbers: decimals with the highest byte first, and half-precision floats.</summary>
internal sealed class BytesDecoder<T>(int width, MemoryBudget budget, BytesDecoder<T>.Convert convert) : ValueDecoder<T>
    where T : unmanaged
{
    public delegate T Convert(ReadOnlySpan<byte> value);

    public override void Decode(ParquetEncoding encoding, ReadOnlySpan<byte> data, Span<T> target)
    {
        using var page = BytesPage.Read(encoding, data, target.Length, width, budget);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = convert(page[i]);
        }
    }
}
