using System.Text;
using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>Batches of all types with values that are hard: extremes, NaN, infinities, nothing, unicode, runs, sequences and noise.</summary>
internal sealed class RandomBatch(int seed)
{
    private readonly Random _random = new(seed);

    public static ColumnSchema Schema { get; } = new(
        new ColumnField("symbol/=é 名", ColumnType.String, IsNullable: false),
        new ColumnField("double", ColumnType.Double),
        new ColumnField("float", ColumnType.Float),
        new ColumnField("int64", ColumnType.Int64),
        new ColumnField("int32", ColumnType.Int32),
        new ColumnField("bool", ColumnType.Boolean),
        new ColumnField("text", ColumnType.String),
        new ColumnField("bytes", ColumnType.Binary),
        new ColumnField("ms", ColumnType.Timestamp(TimeUnit.Milliseconds)),
        new ColumnField("us", ColumnType.Timestamp(TimeUnit.Microseconds, isUtc: false)),
        new ColumnField("ns", ColumnType.Timestamp(TimeUnit.Nanoseconds)),
        new ColumnField("date", ColumnType.Date),
        new ColumnField("decimal9", ColumnType.Decimal(9, 2)),
        new ColumnField("decimal18", ColumnType.Decimal(18, 18)),
        new ColumnField("decimal38", ColumnType.Decimal(38, 10)),
        new ColumnField("required", ColumnType.Double, IsNullable: false));

    public ColumnBatch Of(int rows) => new(Schema, Schema.Fields.Select(f => Column(f, rows)));

    private Column Column(ColumnField field, int rows)
    {
        var validity = Missing(field.IsNullable, rows);
        return field.Type.Kind switch
        {
            ColumnKind.Double => Values(field.Type, rows, validity, Double),
            ColumnKind.Float => Values(field.Type, rows, validity, i => (float)Double(i)),
            ColumnKind.Int64 or ColumnKind.Timestamp => Values(field.Type, rows, validity, Whole),
            ColumnKind.Int32 or ColumnKind.Date => Values(field.Type, rows, validity, i => (int)Whole(i)),
            ColumnKind.Boolean => Values(field.Type, rows, validity, _ => _random.Next(5) == 0),
            ColumnKind.Decimal => Values(field.Type, rows, validity, _ => Decimal(field.Type.Precision)),
            _ => Text(field.Type, rows, validity),
        };
    }

    private Validity Missing(bool mayMiss, int rows)
    {
        int kind = mayMiss ? _random.Next(4) : 0;
        if (kind == 0)
        {
            return Validity.All(rows);
        }

        var words = Validity.Words(rows);
        for (int i = 0; i < rows; i++)
        {
            words[i >> 6] |= (kind == 1 || (kind == 2 && i < rows / 2) || (kind == 3 && _random.Next(4) > 0) ? 1UL : 0) << (i & 63);
        }

        // Kind 1 has bits that say that all is there.
        return new Validity(words, 0, rows);
    }

    private ValueColumn<T> Values<T>(ColumnType type, int rows, Validity validity, Func<int, T> draw)
        where T : unmanaged
    {
        int kind = _random.Next(4);
        var few = Enumerable.Range(0, 1 + _random.Next(6)).Select(draw).ToArray();
        var values = new T[rows];
        for (int i = 0; i < rows; i++)
        {
            var value = kind switch { 0 => few[0], 1 => few[_random.Next(few.Length)], 2 when i > 0 && _random.Next(40) > 0 => values[i - 1], _ => draw(i) };
            values[i] = validity[i] ? value : default;
        }

        return new(type, values, validity);
    }

    private double Double(int i) => _random.Next(8) switch
    {
        0 => double.NaN,
        1 => _random.Next(2) == 0 ? double.PositiveInfinity : double.NegativeInfinity,
        2 => _random.Next(2) == 0 ? 0.0 : -0.0,
        3 => double.Epsilon,
        _ => (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-10, 30)) + i,
    };

    private long Whole(int i) => _random.Next(5) switch
    {
        0 => long.MinValue,
        1 => long.MaxValue,
        2 => -i * 60_000L,
        _ => (1L << _random.Next(63)) + _random.Next(1000),
    };

    private Int128 Decimal(int precision)
    {
        var limit = Int128.One;
        for (int i = _random.Next(precision); i >= 0; i--)
        {
            limit *= 10;
        }

        return (limit - 1) * (_random.Next(2) * 2 - 1);
    }

    private Column Text(ColumnType type, int rows, Validity validity)
    {
        int kind = _random.Next(3);
        if (kind == 0 && rows > 0)
        {
            var dictionary = type.Kind == ColumnKind.String ? TextColumn.Of("", "a", "пример", "名前", new string('z', 200)) : TextColumn.OfBytes([], [0, 255], [7]);
            return new TextColumn(Enumerable.Range(0, rows).Select(i => validity[i] ? _random.Next(dictionary.Length) : 0).ToArray(), dictionary, validity);
        }

        var builder = new TextColumnBuilder(type);
        for (int i = 0; i < rows; i++)
        {
            if (!validity[i])
            {
                builder.AddNull();
            }
            else
            {
                builder.Add(kind == 1 ? Encoding.UTF8.GetBytes($"2024-01-{i:00000}-{_random.Next()}") : Enumerable.Repeat((byte)_random.Next('a', 'z'), _random.Next(90)).ToArray());
            }
        }

        return builder.Build();
    }
}
