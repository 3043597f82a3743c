using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>Which column type a stored type becomes (LogicalTypes.md of parquet-format), and which it is written as.</summary>
internal static class TypeMapping
{
    /// <exception cref="ParquetException">There is no type here that holds its values.</exception>
    public static ColumnType Of(SchemaElement node, ParquetReadOptions options)
    {
        var logical = node.Logical.Kind == LogicalKind.None ? OfConverted(node) : node.Logical;
        return (node.Type, logical.Kind) switch
        {
            (PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, LogicalKind.Decimal) => Decimal(logical, node),
            (PhysicalType.Boolean, _) => ColumnType.Boolean,
            (PhysicalType.Int32, LogicalKind.Date) => ColumnType.Date,
            (PhysicalType.Int32, LogicalKind.Integer) when !logical.IsSigned && logical.BitWidth == 32 => ColumnType.Int64,
            (PhysicalType.Int32, _) => ColumnType.Int32,
            (PhysicalType.Int64, LogicalKind.Timestamp) => ColumnType.Timestamp(logical.Unit, logical.IsUtc),
            // Half of its values are more than 64 bits with a sign hold.
            (PhysicalType.Int64, LogicalKind.Integer) when !logical.IsSigned && logical.BitWidth == 64 => ColumnType.Decimal(20, 0),
            (PhysicalType.Int64, _) => ColumnType.Int64,
            (PhysicalType.Int96, _) => ColumnType.Timestamp(options.Int96Unit, isUtc: false),
            (PhysicalType.Float, _) => ColumnType.Float,
            (PhysicalType.Double, _) => ColumnType.Double,
            (PhysicalType.FixedLenByteArray, LogicalKind.Float16) when node.TypeLength == 2 => ColumnType.Float,
            (PhysicalType.ByteArray, LogicalKind.String or LogicalKind.Enum or LogicalKind.Json) => ColumnType.String,
            (PhysicalType.ByteArray, LogicalKind.None) when options.BinaryAsText => ColumnType.String,
            _ => ColumnType.Binary,
        };
    }

    public static SchemaElement ToElement(ColumnField field)
    {
        var type = field.Type;
        var node = new SchemaElement { Name = field.Name, Repetition = field.IsNullable ? Repetition.Optional : Repetition.Required, Type = ToPhysical(type) };
        switch (type.Kind)
        {
            case ColumnKind.String:
                (node.Logical, node.Converted) = (new(LogicalKind.String), ConvertedType.Utf8);
                break;
            case ColumnKind.Date:
                (node.Logical, node.Converted) = (new(LogicalKind.Date), ConvertedType.Date);
                break;
            case ColumnKind.Timestamp:
                node.Logical = new(LogicalKind.Timestamp) { Unit = type.Unit, IsUtc = type.IsUtc };
                // The old type has no nanoseconds, and means an instant.
                node.Converted = !type.IsUtc ? null : type.Unit switch { TimeUnit.Milliseconds => ConvertedType.TimestampMillis, TimeUnit.Microseconds => ConvertedType.TimestampMicros, _ => null };
                break;
            case ColumnKind.Decimal:
                (node.Logical, node.Converted) = (new(LogicalKind.Decimal) { Precision = type.Precision, Scale = type.Scale }, ConvertedType.Decimal);
                (node.Precision, node.Scale, node.TypeLength) = (type.Precision, type.Scale, DecimalBytes(type.Precision));
                break;
        }

        return node;
    }

    /// <summary>The bytes that a decimal's digits need, with its sign.</summary>
    public static int DecimalBytes(int precision) => (int)Math.Ceiling((precision * Math.Log2(10) + 1) / 8);

    private static PhysicalType ToPhysical(ColumnType type) => type.Kind switch
    {
        ColumnKind.Double => PhysicalType.Double,
        ColumnKind.Float => PhysicalType.Float,
        ColumnKind.Int64 or ColumnKind.Timestamp => PhysicalType.Int64,
        ColumnKind.Int32 or ColumnKind.Date => PhysicalType.Int32,
        ColumnKind.Boolean => PhysicalType.Boolean,
        ColumnKind.Decimal => type.Precision switch { <= 9 => PhysicalType.Int32, <= 18 => PhysicalType.Int64, _ => PhysicalType.FixedLenByteArray },
        _ => PhysicalType.ByteArray,
    };

    private static ColumnType Decimal(LogicalType logical, SchemaElement node)
    {
        int precision = logical.Precision, scale = logical.Scale;
        if (precision is < 1 or > ColumnType.MaxPrecision || scale < 0 || scale > precision)
        {
            throw new ParquetException($"its type is decimal({precision},{scale}); decimals of 1 to {ColumnType.MaxPrecision} digits are read, with a scale of 0 to as many");
        }

        return node.Type == PhysicalType.FixedLenByteArray && node.TypeLength > 64 ? throw new ParquetException($"its decimals have {node.TypeLength} bytes; up to 64 are read") : ColumnType.Decimal(precision, scale);
    }

    private static LogicalType OfConverted(SchemaElement node) => node.Converted switch
    {
        ConvertedType.Utf8 => new(LogicalKind.String),
        ConvertedType.Enum => new(LogicalKind.Enum),
        ConvertedType.Json => new(LogicalKind.Json),
        ConvertedType.Bson => new(LogicalKind.Bson),
        ConvertedType.Decimal => new(LogicalKind.Decimal) { Precision = node.Precision, Scale = node.Scale },
        ConvertedType.Date => new(LogicalKind.Date),
        ConvertedType.TimestampMillis => new(LogicalKind.Timestamp) { Unit = TimeUnit.Milliseconds, IsUtc = true },
        ConvertedType.TimestampMicros => new(LogicalKind.Timestamp) { Unit = TimeUnit.Microseconds, IsUtc = true },
        ConvertedType.UInt32 => new(LogicalKind.Integer) { BitWidth = 32 },
        ConvertedType.UInt64 => new(LogicalKind.Integer) { BitWidth = 64 },
        _ => default,
    };
}
