using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>The least and the greatest value of a page or chunk as the format stores them, and how many are missing.</summary>
internal sealed class Statistics
{
    /// <summary>Of the format's first version: ordered by bytes that some writers took as signed.</summary>
    public byte[]? OldMax { get; set; }

    public byte[]? OldMin { get; set; }

    public long? NullCount { get; set; }

    public byte[]? Max { get; set; }

    public byte[]? Min { get; set; }

    /// <summary>The value is there; not: it only bounds those that are. Null where the writer does not say.</summary>
    public bool? IsMaxExact { get; set; }

    public bool? IsMinExact { get; set; }

    public static Statistics Read(ref ThriftReader reader)
    {
        var statistics = new Statistics();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: statistics.OldMax = reader.Binary(type); break;
                case 2: statistics.OldMin = reader.Binary(type); break;
                case 3: statistics.NullCount = reader.I64(type); break;
                case 5: statistics.Max = reader.Binary(type); break;
                case 6: statistics.Min = reader.Binary(type); break;
                case 7: statistics.IsMaxExact = ThriftReader.Bool(type); break;
                case 8: statistics.IsMinExact = ThriftReader.Bool(type); break;
                default: reader.Skip(type); break;
            }
        }

        return statistics;
    }

    public void Write(ThriftWriter writer, short id)
    {
        writer.BeginStruct(id);
        if (NullCount is { } nulls)
        {
            writer.I64(3, nulls);
        }

        if (Max is not null && Min is not null)
        {
            writer.Binary(5, Max);
            writer.Binary(6, Min);
            writer.Bool(7, IsMaxExact ?? true);
            writer.Bool(8, IsMinExact ?? true);
        }

        writer.EndStruct();
    }
}
