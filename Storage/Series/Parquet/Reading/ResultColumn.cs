using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>A column of a result while it is read: it makes the targets of its chunks, which are filled by any thread, and the column of them.</summary>
internal abstract class ResultColumn
{
    public abstract ChunkTarget Target(int rows);

    /// <summary>The column, when all targets are filled.</summary>
    public abstract Column Finish();

    /// <param name="rows">Of all chunks together.</param>
    public static ResultColumn Of(LeafColumn leaf, int rows, TimeUnit int96, MemoryBudget budget)
    {
        var type = leaf.Required;
        int width = leaf.Physical == PhysicalType.FixedLenByteArray ? leaf.Element.TypeLength : 0;
        return (leaf.Physical, type.Kind) switch
        {
            (PhysicalType.Boolean, _) => new Values<bool>(type, new BooleanDecoder(), rows, budget),
            (PhysicalType.Int32, ColumnKind.Int64) => new Values<long>(type, new ConvertingDecoder<int, long>(new PlainDecoder<int>(), v => (uint)v), rows, budget),
            (PhysicalType.Int32, ColumnKind.Decimal) => new Values<Int128>(type, new ConvertingDecoder<int, Int128>(new PlainDecoder<int>(), v => v), rows, budget),
            (PhysicalType.Int32, _) => new Values<int>(type, new PlainDecoder<int>(), rows, budget),
            (PhysicalType.Int64, ColumnKind.Decimal) => new Values<Int128>(type, Decimals(leaf), rows, budget),
            (PhysicalType.Int64, _) => new Values<long>(type, new PlainDecoder<long>(), rows, budget),
            (PhysicalType.Int96, _) => new Values<long>(type, new Int96Decoder(int96), rows, budget),
            (PhysicalType.Float, _) => new Values<float>(type, new PlainDecoder<float>(), rows, budget),
            (PhysicalType.Double, _) => new Values<double>(type, new PlainDecoder<double>(), rows, budget),
            (_, ColumnKind.Float) => new Values<float>(type, new BytesDecoder<float>(width, budget, Numbers.Half), rows, budget),
            (_, ColumnKind.Decimal) => new Values<Int128>(type, new BytesDecoder<Int128>(width, budget, Numbers.Decimal), rows, budget),
            _ => new Texts(type, width, rows, budget),
        };
    }

    private static ConvertingDecoder<long, Int128> Decimals(LeafColumn leaf) =>
        leaf.Element.Logical.Kind == LogicalKind.Decimal || leaf.Element.Converted == ConvertedType.Decimal
            ? new(new PlainDecoder<long>(), v => v)
            : new(new PlainDecoder<long>(), v => (ulong)v);

    private sealed class Values<T> : ResultColumn
        where T : unmanaged
    {
        private readonly ColumnType _type;
        private readonly ValueDecoder<T> _decoder;
        private readonly T[] _values;
        private readonly List<ChunkTarget> _targets = [];
        private int _start;

        public Values(ColumnType type, ValueDecoder<T> decoder, int rows, MemoryBudget budget)
        {
            budget.Take((long)rows * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
            (_type, _decoder, _values) = (type, decoder, GC.AllocateUninitializedArray<T>(rows));
        }

        public override ChunkTarget Target(int rows)
        {
            var target = new ValueTarget<T>(_decoder, _values, _start, rows);
            _start += rows;
            _targets.Add(target);
            return target;
        }

        public override Column Finish()
        {
            if (_targets.TrueForAll(t => t.Validity.IsAll))
            {
                return new ValueColumn<T>(_type, _values);
            }

            if (_targets.Count == 1)
            {
                return new ValueColumn<T>(_type, _values, _targets[0].Validity);
            }

            var words = Validity.Words(_values.Length);
            int at = 0;
            foreach (var target in _targets)
            {
                target.Validity.CopyTo(words, at);
                at += target.Rows;
            }

            return new ValueColumn<T>(_type, _values, new Validity(words, 0, _values.Length));
        }
    }

    private sealed class Texts : ResultColumn
    {
        private readonly ColumnType _type;
        private readonly int _width, _rows;
        private readonly MemoryBudget _budget;
        private readonly List<TextTarget> _targets = [];

        public Texts(ColumnType type, int width, int rows, MemoryBudget budget)
        {
            budget.Take(4L * rows);
            (_type, _width, _rows, _budget) = (type, width, rows, budget);
        }

        public override ChunkTarget Target(int rows)
        {
            _targets.Add(new TextTarget(_type, _width, rows, _budget));
            return _targets[^1];
        }

        public override Column Finish() => _targets.Count switch
        {
            0 => new TextColumn(_type, new int[1], default, Validity.All(0)),
            1 => _targets[0].Column,
            _ => ColumnConcat.Concat([.. _targets.Select(t => t.Column)], _rows),
        };
    }
}
