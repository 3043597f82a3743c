using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>A column's part of a row group: where its pages are, how they are compressed, and what lies in them.</summary>
internal sealed class ColumnMetadata
{
    public string? FilePath { get; set; }

    public PhysicalType Type { get; set; }

    public List<ParquetEncoding> Encodings { get; } = [];

    public List<string> Path { get; } = [];

    public ParquetCodec Codec { get; set; }

    public long Values { get; set; }

    public long UncompressedSize { get; set; }

    public long CompressedSize { get; set; }

    public long DataOffset { get; set; }

    public long? DictionaryOffset { get; set; }

    public Statistics? Statistics { get; set; }

    public long OffsetIndexOffset { get; set; }

    public int OffsetIndexLength { get; set; }

    public long ColumnIndexOffset { get; set; }

    public int ColumnIndexLength { get; set; }

    public bool IsEncrypted { get; private set; }

    private bool HasData { get; set; }

    /// <summary>Where its first page begins. An offset of 0 means no dictionary: the file's first bytes are its mark.</summary>
    public long Start => DictionaryOffset is > 0 and var dictionary && dictionary < DataOffset ? dictionary : DataOffset;

    public static ColumnMetadata Read(ref ThriftReader reader)
    {
        var column = new ColumnMetadata();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: column.FilePath = reader.Text(type); break;
                case 3:
                    ThriftReader.Require(type, ThriftType.Struct);
                    column.ReadData(ref reader);
                    break;
                case 4: column.OffsetIndexOffset = reader.I64(type); break;
                case 5: column.OffsetIndexLength = reader.I32(type); break;
                case 6: column.ColumnIndexOffset = reader.I64(type); break;
                case 7: column.ColumnIndexLength = reader.I32(type); break;
                case 8 or 9:
                    column.IsEncrypted = true;
                    reader.Skip(type);
                    break;
                default: reader.Skip(type); break;
            }
        }

        return column.HasData || column.IsEncrypted ? column : throw new ParquetException("a column chunk has no metadata");
    }

    public void Write(ThriftWriter writer)
    {
        writer.BeginElement();
        // The place of metadata outside the footer; there is none, as the format now asks for.
        writer.I64(2, 0);
        writer.BeginStruct(3);
        WriteData(writer);
        writer.EndStruct();
        if (OffsetIndexLength > 0)
        {
            writer.I64(4, OffsetIndexOffset);
            writer.I32(5, OffsetIndexLength);
        }

        if (ColumnIndexLength > 0)
        {
            writer.I64(6, ColumnIndexOffset);
            writer.I32(7, ColumnIndexLength);
        }

        writer.EndStruct();
    }

    private void WriteData(ThriftWriter writer)
    {
        writer.I32(1, (int)Type);
        writer.BeginList(2, ThriftType.I32, Encodings.Count);
        Encodings.ForEach(e => writer.Long((int)e));
        writer.BeginList(3, ThriftType.Binary, Path.Count);
        Path.ForEach(p => writer.Bytes(System.Text.Encoding.UTF8.GetBytes(p)));
        writer.I32(4, (int)Codec);
        writer.I64(5, Values);
        writer.I64(6, UncompressedSize);
        writer.I64(7, CompressedSize);
        writer.I64(9, DataOffset);
        if (DictionaryOffset is { } dictionary)
        {
            writer.I64(11, dictionary);
        }

        Statistics?.Write(writer, 12);
    }

    private void ReadData(ref ThriftReader reader)
    {
        HasData = true;
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: Type = (PhysicalType)reader.I32(type); break;
                case 2:
                    for (int left = reader.List(type, ThriftType.I32); left > 0; left--)
                    {
                        Encodings.Add((ParquetEncoding)reader.Int());
                    }

                    break;
                case 3:
                    for (int left = reader.List(type, ThriftType.Binary); left > 0; left--)
                    {
                        Path.Add(System.Text.Encoding.UTF8.GetString(reader.Bytes()));
                    }

                    break;
                case 4: Codec = (ParquetCodec)reader.I32(type); break;
                case 5: Values = reader.I64(type); break;
                case 6: UncompressedSize = reader.I64(type); break;
                case 7: CompressedSize = reader.I64(type); break;
                case 9: DataOffset = reader.I64(type); break;
                case 11: DictionaryOffset = reader.I64(type); break;
                case 12:
                    ThriftReader.Require(type, ThriftType.Struct);
                    Statistics = Statistics.Read(ref reader);
                    break;
                default: reader.Skip(type); break;
            }
        }
    }
}
