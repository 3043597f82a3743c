using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>
/// Writes values of one size. Whole numbers that grow evenly, such as times, are written as differences; what repeats, as indices into a dictionary; the rest as it is.
/// </summary>
internal sealed class ValueChunkWriter<T> : ChunkWriter<T>, IDisposable
    where T : unmanaged
{
    // So few bits for a value, and looking for a dictionary is not worth it.
    private const double GoodDelta = 8;
    private readonly ValueTraits<T> _traits;
    private readonly DenseValues<T> _values;
    private T[]? _dictionary;
    private int[]? _indices;

    public ValueChunkWriter(LeafColumn leaf, ParquetWriteOptions options, ValueTraits<T> traits, DenseValues<T> values)
        : base(leaf, options)
    {
        (_traits, _values) = (traits, values);
        Encoding = options.Encodings.TryGetValue(leaf.Path, out var wanted) ? Require(wanted) : Choose();
        if (Encoding == ParquetEncoding.RleDictionary && _dictionary is null)
        {
            BuildDictionary(isForced: true);
        }
    }

    private static bool IsWhole => typeof(T) == typeof(long) || typeof(T) == typeof(int);

    public void Dispose()
    {
        _values.Dispose();
        if (_indices is not null)
        {
            ArrayPool<int>.Shared.Return(_indices);
        }
    }

    protected override int PageRows(Validity validity, int row, int left, int dense) => Math.Min(left, Math.Min(Options.PageRows, Math.Max(1, Options.PageBytes / _traits.Width)));

    protected override int WriteDictionary(ByteBuffer output)
    {
        _traits.Plain(_dictionary, output);
        return _dictionary!.Length;
    }

    protected override void WriteValues(int start, int count, ByteBuffer output)
    {
        var values = _values.Span.Slice(start, count);
        switch (Encoding)
        {
            case ParquetEncoding.RleDictionary:
                int width = IndexWidth(_dictionary!.Length);
                output.Byte((byte)width);
                HybridWriter.Write(_indices.AsSpan(start, count), width, output);
                break;
            case ParquetEncoding.DeltaBinaryPacked:
                using (var wide = Wide(values))
                {
                    DeltaWriter.Write(wide.Span, typeof(T) == typeof(long), output);
                }

                break;
            case ParquetEncoding.ByteStreamSplit:
                using (var plain = new ByteBuffer(values.Length * _traits.Width + 16))
                {
                    _traits.Plain(values, plain);
                    ByteStreamSplit.Write(plain.Written, _traits.Width, output);
                }

                break;
            case ParquetEncoding.Rle:
                using (var bits = new Pooled<int>(count))
                {
                    for (int i = 0; i < count; i++)
                    {
                        bits.Span[i] = (bool)(object)values[i] ? 1 : 0;
                    }

                    int at = output.Length;
                    output.Int32(0);
                    HybridWriter.Write(bits.Span, 1, output);
                    output.SetInt32(at, output.Length - at - 4);
                }

                break;
            default:
                _traits.Plain(values, output);
                break;
        }
    }

    protected override PageBounds<T> Bounds(int start, int count) => _traits.Bounds(_values.Span.Slice(start, count));

    protected override int Compare(T left, T right) => _traits.Compare(left, right);

    protected override StatisticBytes? Min(T value) => new(_traits.Statistic(value, isMax: false), true);

    protected override StatisticBytes? Max(T value) => new(_traits.Statistic(value, isMax: true), true);

    /// <summary>Bits of an index into so many entries.</summary>
    internal static int IndexWidth(int entries) => entries <= 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)entries - 1);

    private ParquetEncoding Choose()
    {
        if (typeof(T) == typeof(bool))
        {
            return Options.DataPageV2 ? ParquetEncoding.Rle : ParquetEncoding.Plain;
        }

        var values = _values.Span;
        double plain = 8 * _traits.Width, delta = double.MaxValue;
        if (IsWhole)
        {
            using var wide = Wide(values);
            delta = DeltaWriter.Estimate(wide.Span, typeof(T) == typeof(long));
        }

        double indexed = delta > GoodDelta && values.Length > 0 && BuildDictionary(isForced: false) ? IndexWidth(_dictionary!.Length) + plain * _dictionary.Length / values.Length : double.MaxValue;
        // Indices are read faster than sums are made, and plain values faster than both.
        return indexed < Math.Min(delta * 1.2, plain * 0.8) ? ParquetEncoding.RleDictionary : delta < plain * 0.8 ? ParquetEncoding.DeltaBinaryPacked : ParquetEncoding.Plain;
    }

    private bool BuildDictionary(bool isForced)
    {
        _indices = ArrayPool<int>.Shared.Rent(_values.Span.Length);
        _dictionary = ValueDictionary.Build(_values.Span, _indices, isForced);
        return _dictionary is not null;
    }

    private static Widened Wide(ReadOnlySpan<T> values) => new(values);

    private ParquetEncoding Require(ParquetEncoding wanted)
    {
        bool isThere = wanted switch
        {
            ParquetEncoding.Plain => true,
            ParquetEncoding.RleDictionary => typeof(T) != typeof(bool),
            ParquetEncoding.DeltaBinaryPacked => IsWhole,
            ParquetEncoding.ByteStreamSplit => typeof(T) != typeof(bool),
            ParquetEncoding.Rle => typeof(T) == typeof(bool),
            _ => false,
        };
        return isThere ? wanted : throw new ArgumentException($"Column '{Leaf.Path}' of type {Leaf.Type} cannot be encoded as {wanted}.");
    }

    /// <summary>Whole numbers as 64 bits: the values' own memory where they have them.</summary>
    private readonly ref struct Widened : IDisposable
    {
        private readonly Pooled<long> _rented;
        private readonly bool _isRented;

        public Widened(ReadOnlySpan<T> values)
        {
            if (typeof(T) == typeof(long))
            {
                Span = MemoryMarshal.Cast<T, long>(values);
                return;
            }

            (_rented, _isRented) = (new Pooled<long>(values.Length), true);
            var narrow = MemoryMarshal.Cast<T, int>(values);
            for (int i = 0; i < narrow.Length; i++)
            {
                _rented.Span[i] = narrow[i];
            }

            Span = _rented.Span;
        }

        public ReadOnlySpan<long> Span { get; }

        public void Dispose()
        {
            if (_isRented)
            {
                _rented.Dispose();
            }
        }
    }
}
