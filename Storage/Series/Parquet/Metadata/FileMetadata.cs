using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>The footer: FileMetaData of parquet.thrift (apache/parquet-format).</summary>
internal sealed class FileMetadata
{
    /// <summary>Stands at a file's beginning and end.</summary>
    public static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <summary>The end of a file whose footer is encrypted.</summary>
    public static ReadOnlySpan<byte> EncryptedMagic => "PARE"u8;

    public int Version { get; set; }

    public List<SchemaElement> Schema { get; } = [];

    public long Rows { get; set; }

    public List<RowGroupMetadata> RowGroups { get; } = [];

    public Dictionary<string, string> KeyValues { get; } = new(StringComparer.Ordinal);

    public string? CreatedBy { get; set; }

    /// <summary>Whether least and greatest values are ordered as the format says: there is an order for each column, and it is the type's.</summary>
    public bool IsOrdered { get; private set; }

    public static FileMetadata Read(ReadOnlySpan<byte> footer)
    {
        var reader = new ThriftReader(footer);
        var file = new FileMetadata();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: file.Version = reader.I32(type); break;
                case 2:
                    for (int left = reader.List(type, ThriftType.Struct); left > 0; left--)
                    {
                        file.Schema.Add(SchemaElement.Read(ref reader));
                    }

                    break;
                case 3: file.Rows = reader.I64(type); break;
                case 4:
                    for (int left = reader.List(type, ThriftType.Struct); left > 0; left--)
                    {
                        file.RowGroups.Add(RowGroupMetadata.Read(ref reader));
                    }

                    break;
                case 5: file.ReadKeyValues(ref reader, type); break;
                case 6: file.CreatedBy = reader.Text(type); break;
                case 7: file.IsOrdered = ReadOrders(ref reader, type); break;
                case 8: throw new ParquetException("the file is encrypted, which is not supported");
                default: reader.Skip(type); break;
            }
        }

        return file;
    }

    public void Write(ThriftWriter writer)
    {
        writer.BeginElement();
        writer.I32(1, Version);
        writer.BeginList(2, ThriftType.Struct, Schema.Count);
        for (int i = 0; i < Schema.Count; i++)
        {
            Schema[i].Write(writer, i == 0);
        }

        writer.I64(3, Rows);
        writer.BeginList(4, ThriftType.Struct, RowGroups.Count);
        for (int i = 0; i < RowGroups.Count; i++)
        {
            RowGroups[i].Write(writer, i);
        }

        if (KeyValues.Count > 0)
        {
            writer.BeginList(5, ThriftType.Struct, KeyValues.Count);
            foreach (var (key, value) in KeyValues)
            {
                writer.BeginElement();
                writer.Text(1, key);
                writer.Text(2, value);
                writer.EndStruct();
            }
        }

        writer.Text(6, CreatedBy ?? "");
        int leaves = Schema.Count(e => e.Type is not null);
        writer.BeginList(7, ThriftType.Struct, leaves);
        for (int i = 0; i < leaves; i++)
        {
            // TypeDefinedOrder, the only member of the union.
            writer.BeginElement();
            writer.BeginStruct(1);
            writer.EndStruct();
            writer.EndStruct();
        }

        writer.EndStruct();
    }

    private void ReadKeyValues(ref ThriftReader reader, ThriftType list)
    {
        for (int left = reader.List(list, ThriftType.Struct); left > 0; left--)
        {
            string key = "", value = "";
            short id = 0;
            while (reader.Field(ref id, out var type))
            {
                switch (id)
                {
                    case 1: key = reader.Text(type); break;
                    case 2: value = reader.Text(type); break;
                    default: reader.Skip(type); break;
                }
            }

            KeyValues[key] = value;
        }
    }

    private static bool ReadOrders(ref ThriftReader reader, ThriftType list)
    {
        bool ordered = true;
        for (int left = reader.List(list, ThriftType.Struct); left > 0; left--)
        {
            short id = 0;
            while (reader.Field(ref id, out var type))
            {
                ordered &= id == 1;
                reader.Skip(type);
            }
        }

        return ordered;
    }
}
