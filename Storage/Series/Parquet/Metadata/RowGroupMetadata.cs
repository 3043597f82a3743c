using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>Rows that are stored together, a chunk for each column.</summary>
internal sealed class RowGroupMetadata
{
    public List<ColumnMetadata> Columns { get; } = [];

    /// <summary>Before compression.</summary>
    public long ByteSize { get; set; }

    public long Rows { get; set; }

    public static RowGroupMetadata Read(ref ThriftReader reader)
    {
        var group = new RowGroupMetadata();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    for (int left = reader.List(type, ThriftType.Struct); left > 0; left--)
                    {
                        group.Columns.Add(ColumnMetadata.Read(ref reader));
                    }

                    break;
                case 2: group.ByteSize = reader.I64(type); break;
                case 3: group.Rows = reader.I64(type); break;
                default: reader.Skip(type); break;
            }
        }

        return group;
    }

    public void Write(ThriftWriter writer, int ordinal)
    {
        writer.BeginElement();
        writer.BeginList(1, ThriftType.Struct, Columns.Count);
        Columns.ForEach(c => c.Write(writer));
        writer.I64(2, ByteSize);
        writer.I64(3, Rows);
        writer.I64(5, Columns.Count == 0 ? 0 : Columns[0].Start);
        writer.I64(6, Columns.Sum(c => c.CompressedSize));
        if (ordinal <= short.MaxValue)
        {
            writer.I16(7, (short)ordinal);
        }

        writer.EndStruct();
    }
}
