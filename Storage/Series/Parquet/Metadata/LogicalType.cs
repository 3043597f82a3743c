using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>The members of the format's union LogicalType; the numbers are its field ids.</summary>
internal enum LogicalKind
{
    None = 0,
    String = 1,
    Map = 2,
    List = 3,
    Enum = 4,
    Decimal = 5,
    Date = 6,
    Time = 7,
    Timestamp = 8,
    Integer = 10,
    Unknown = 11,
    Json = 12,
    Bson = 13,
    Uuid = 14,
    Float16 = 15,
}

/// <summary>ConvertedType, the logical types of the format's first version; the numbers are the format's.</summary>
internal enum ConvertedType
{
    Utf8 = 0,
    Map = 1,
    MapKeyValue = 2,
    List = 3,
    Enum = 4,
    Decimal = 5,
    Date = 6,
    TimeMillis = 7,
    TimeMicros = 8,
    TimestampMillis = 9,
    TimestampMicros = 10,
    UInt8 = 11,
    UInt16 = 12,
    UInt32 = 13,
    UInt64 = 14,
    Int8 = 15,
    Int16 = 16,
    Int32 = 17,
    Int64 = 18,
    Json = 19,
    Bson = 20,
    Interval = 21,
}

/// <summary>What stored values mean. A kind that is not known here reads as what is stored.</summary>
internal readonly record struct LogicalType(LogicalKind Kind)
{
    public int Scale { get; init; }

    public int Precision { get; init; }

    public TimeUnit Unit { get; init; }

    public bool IsUtc { get; init; }

    public int BitWidth { get; init; }

    public bool IsSigned { get; init; }

    public static LogicalType Read(ref ThriftReader reader)
    {
        var read = default(LogicalType);
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            ThriftReader.Require(type, ThriftType.Struct);
            read = id switch
            {
                (int)LogicalKind.Decimal => ReadDecimal(ref reader),
                (int)LogicalKind.Time or (int)LogicalKind.Timestamp => ReadTime(ref reader, (LogicalKind)id),
                (int)LogicalKind.Integer => ReadInteger(ref reader),
                _ => Plain(ref reader, id),
            };
        }

        return read;
    }

    public void Write(ThriftWriter writer)
    {
        writer.BeginStruct((short)Kind);
        switch (Kind)
        {
            case LogicalKind.Decimal:
                writer.I32(1, Scale);
                writer.I32(2, Precision);
                break;
            case LogicalKind.Timestamp:
                writer.Bool(1, IsUtc);
                writer.BeginStruct(2);
                writer.BeginStruct((short)(Unit + 1));
                writer.EndStruct();
                writer.EndStruct();
                break;
        }

        writer.EndStruct();
    }

    private static LogicalType Plain(ref ThriftReader reader, short id)
    {
        reader.Skip(ThriftType.Struct);
        return new(System.Enum.IsDefined((LogicalKind)id) ? (LogicalKind)id : LogicalKind.None);
    }

    private static LogicalType ReadDecimal(ref ThriftReader reader)
    {
        int scale = 0, precision = 0;
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: scale = reader.I32(type); break;
                case 2: precision = reader.I32(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new(LogicalKind.Decimal) { Scale = scale, Precision = precision };
    }

    private static LogicalType ReadTime(ref ThriftReader reader, LogicalKind kind)
    {
        bool utc = false;
        short id = 0, unit = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    utc = ThriftReader.Bool(type);
                    break;
                case 2:
                    ThriftReader.Require(type, ThriftType.Struct);
                    short member = 0;
                    while (reader.Field(ref member, out var empty))
                    {
                        unit = member;
                        reader.Skip(empty);
                    }

                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return unit is >= 1 and <= 3 ? new(kind) { IsUtc = utc, Unit = (TimeUnit)(unit - 1) } : throw new ParquetException($"a time is in unit {unit}, which is none of the format's");
    }

    private static LogicalType ReadInteger(ref ThriftReader reader)
    {
        int width = 0;
        bool signed = true;
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: width = reader.I8(type); break;
                case 2: signed = ThriftReader.Bool(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new(LogicalKind.Integer) { BitWidth = width, IsSigned = signed };
    }
}
