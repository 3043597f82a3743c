using System.Globalization;

namespace CloudStore.Storage.Series.Columns;

/// <summary>The type of a column: its kind and what belongs to it. Equal types hold their values alike.</summary>
public readonly record struct ColumnType
{
    /// <summary>Most digits of a decimal: what 128 bits hold.</summary>
    public const int MaxPrecision = 38;

    private ColumnType(ColumnKind kind) => Kind = kind;

    public ColumnKind Kind { get; private init; }

    /// <summary>Of a timestamp.</summary>
    public TimeUnit Unit { get; private init; }

    /// <summary>Of a timestamp: it is an instant. False: a local time of an unknown place.</summary>
    public bool IsUtc { get; private init; }

    /// <summary>Of a decimal: its digits, 1 to <see cref="MaxPrecision"/>.</summary>
    public int Precision { get; private init; }

    /// <summary>Of a decimal: its digits after the point, 0 to <see cref="Precision"/>.</summary>
    public int Scale { get; private init; }

    public static ColumnType Double { get; } = new(ColumnKind.Double);

    public static ColumnType Float { get; } = new(ColumnKind.Float);

    public static ColumnType Int64 { get; } = new(ColumnKind.Int64);

    public static ColumnType Int32 { get; } = new(ColumnKind.Int32);

    public static ColumnType Boolean { get; } = new(ColumnKind.Boolean);

    public static ColumnType String { get; } = new(ColumnKind.String);

    public static ColumnType Binary { get; } = new(ColumnKind.Binary);

    public static ColumnType Date { get; } = new(ColumnKind.Date);

    public static ColumnType Timestamp(TimeUnit unit = TimeUnit.Microseconds, bool isUtc = true) => new(ColumnKind.Timestamp) { Unit = unit, IsUtc = isUtc };

    /// <exception cref="ArgumentOutOfRangeException">The precision is not 1 to 38, or the scale not 0 to the precision.</exception>
    public static ColumnType Decimal(int precision, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, MaxPrecision);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
        return new(ColumnKind.Decimal) { Precision = precision, Scale = scale };
    }

    /// <summary>Whether its columns are <see cref="TextColumn"/>s; others are <see cref="ValueColumn{T}"/>s.</summary>
    public bool IsText => Kind is ColumnKind.String or ColumnKind.Binary;

    /// <summary>The type of one value in memory; of text, what <see cref="Column.ValueAt"/> gives.</summary>
    public Type ClrType => Kind switch
    {
        ColumnKind.Double => typeof(double),
        ColumnKind.Float => typeof(float),
        ColumnKind.Int64 or ColumnKind.Timestamp => typeof(long),
        ColumnKind.Int32 or ColumnKind.Date => typeof(int),
        ColumnKind.Boolean => typeof(bool),
        ColumnKind.Decimal => typeof(Int128),
        ColumnKind.String => typeof(string),
        _ => typeof(byte[]),
    };

    /// <summary>As the product's settings and messages write it: <c>double</c>, <c>timestamp(microseconds, utc)</c>, <c>decimal(18,4)</c>.</summary>
    public override string ToString() => Kind switch
    {
        ColumnKind.Timestamp => $"timestamp({Lower(Unit)}{(IsUtc ? ", utc" : "")})",
        ColumnKind.Decimal => string.Create(CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})"),
        ColumnKind.Boolean => "bool",
        _ => Lower(Kind),
    };

    private static string Lower<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        return string.Create(name.Length, name, (span, from) => from.AsSpan().ToLowerInvariant(span));
    }
}
