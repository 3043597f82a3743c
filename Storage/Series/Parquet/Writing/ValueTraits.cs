using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CloudStore.Storage.Series.Parquet.Encodings;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>How values of one type are stored and ordered.</summary>
internal abstract class ValueTraits<T>
    where T : unmanaged
{
    /// <summary>Bytes of a value.</summary>
    public abstract int Width { get; }

    public abstract void Plain(ReadOnlySpan<T> values, ByteBuffer output);

    public abstract PageBounds<T> Bounds(ReadOnlySpan<T> values);

    public abstract int Compare(T left, T right);

    /// <summary>As statistics hold it.</summary>
    public abstract byte[] Statistic(T value, bool isMax);
}

/// <summary>Numbers that are stored as they are held. NaN is left out of statistics, and a zero among them has the sign that covers both (parquet.thrift, ColumnOrder).</summary>
internal sealed class NumberTraits<T> : ValueTraits<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public override int Width => Unsafe.SizeOf<T>();

    public override void Plain(ReadOnlySpan<T> values, ByteBuffer output) => output.Write(MemoryMarshal.AsBytes(values));

    public override PageBounds<T> Bounds(ReadOnlySpan<T> values)
    {
        if (values.IsEmpty)
        {
            return default;
        }

        // Comparisons with NaN are false, so that it never takes a place.
        T least = typeof(T) == typeof(double) ? T.CreateTruncating(double.PositiveInfinity) : typeof(T) == typeof(float) ? T.CreateTruncating(float.PositiveInfinity) : T.MaxValue;
        T greatest = typeof(T) == typeof(double) ? T.CreateTruncating(double.NegativeInfinity) : typeof(T) == typeof(float) ? T.CreateTruncating(float.NegativeInfinity) : T.MinValue;
        int i = 0;
        if (values.Length >= Vector<T>.Count)
        {
            var (leasts, greatests) = (new Vector<T>(least), new Vector<T>(greatest));
            for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                var next = new Vector<T>(values[i..]);
                leasts = Vector.ConditionalSelect(Vector.LessThan(next, leasts), next, leasts);
                greatests = Vector.ConditionalSelect(Vector.GreaterThan(next, greatests), next, greatests);
            }

            for (int lane = 0; lane < Vector<T>.Count; lane++)
            {
                least = leasts[lane] < least ? leasts[lane] : least;
                greatest = greatests[lane] > greatest ? greatests[lane] : greatest;
            }
        }

        for (; i < values.Length; i++)
        {
            least = values[i] < least ? values[i] : least;
            greatest = values[i] > greatest ? values[i] : greatest;
        }

        return new(least, greatest, least <= greatest);
    }

    public override int Compare(T left, T right) => left.CompareTo(right);

    public override byte[] Statistic(T value, bool isMax)
    {
        if (value == T.Zero && typeof(T) == typeof(double))
        {
            return BitConverter.GetBytes(isMax ? 0.0 : -0.0);
        }

        if (value == T.Zero && typeof(T) == typeof(float))
        {
            return BitConverter.GetBytes(isMax ? 0f : -0f);
        }

        return MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
    }
}

/// <summary>Decimals in bytes of one number, the highest first.</summary>
internal sealed class DecimalTraits(int width) : ValueTraits<Int128>
{
    public override int Width => width;

    public override void Plain(ReadOnlySpan<Int128> values, ByteBuffer output)
    {
        var target = output.Room(values.Length * width);
        for (int i = 0; i < values.Length; i++)
        {
            Numbers.WriteDecimal(values[i], target.Slice(i * width, width));
        }

        output.Advance(values.Length * width);
    }

    public override PageBounds<Int128> Bounds(ReadOnlySpan<Int128> values)
    {
        if (values.IsEmpty)
        {
            return default;
        }

        var (least, greatest) = (values[0], values[0]);
        foreach (var value in values)
        {
            least = Int128.Min(least, value);
            greatest = Int128.Max(greatest, value);
        }

        return new(least, greatest, true);
    }

    public override int Compare(Int128 left, Int128 right) => left.CompareTo(right);

    public override byte[] Statistic(Int128 value, bool isMax)
    {
        var bytes = new byte[width];
        Numbers.WriteDecimal(value, bytes);
        return bytes;
    }
}

/// <summary>One bit each.</summary>
internal sealed class BooleanTraits : ValueTraits<bool>
{
    public override int Width => 1;

    public override void Plain(ReadOnlySpan<bool> values, ByteBuffer output)
    {
        int bytes = (values.Length + 7) / 8;
        var target = output.Room(bytes)[..bytes];
        target.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            target[i >> 3] |= (byte)((values[i] ? 1 : 0) << (i & 7));
        }

        output.Advance(bytes);
    }

    public override PageBounds<bool> Bounds(ReadOnlySpan<bool> values) => new(!values.Contains(false), values.Contains(true), values.Length > 0);

    public override int Compare(bool left, bool right) => left.CompareTo(right);

    public override byte[] Statistic(bool value, bool isMax) => [value ? (byte)1 : (byte)0];
}
