using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>What stands before each page.</summary>
internal sealed class PageHeader
{
    public PageType Type { get; set; }

    public int UncompressedSize { get; set; }

    public int CompressedSize { get; set; }

    public int? Crc { get; set; }

    /// <summary>Values of the page, missing ones included; of a dictionary, its entries.</summary>
    public int Values { get; set; }

    public ParquetEncoding Encoding { get; set; }

    public ParquetEncoding DefinitionEncoding { get; set; } = ParquetEncoding.Rle;

    public ParquetEncoding RepetitionEncoding { get; set; } = ParquetEncoding.Rle;

    public int Nulls { get; set; }

    public int Rows { get; set; }

    public int DefinitionBytes { get; set; }

    public int RepetitionBytes { get; set; }

    public bool IsCompressed { get; set; } = true;

    public Statistics? Statistics { get; set; }

    private bool HasDetails { get; set; }

    /// <exception cref="ParquetException">It is not as the format says, or counts below 0.</exception>
    public static PageHeader Read(ref ThriftReader reader)
    {
        var header = new PageHeader();
        int kind = -1;
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: kind = reader.I32(type); break;
                case 2: header.UncompressedSize = reader.I32(type); break;
                case 3: header.CompressedSize = reader.I32(type); break;
                case 4: header.Crc = reader.I32(type); break;
                case 5 or 7 or 8: header.ReadDetails(ref reader, id, type, ref kind); break;
                default: reader.Skip(type); break;
            }
        }

        header.Type = (PageType)kind;
        header.Check();
        return header;
    }

    public void Write(ThriftWriter writer)
    {
        writer.BeginElement();
        writer.I32(1, (int)Type);
        writer.I32(2, UncompressedSize);
        writer.I32(3, CompressedSize);
        if (Crc is { } crc)
        {
            writer.I32(4, crc);
        }

        switch (Type)
        {
            case PageType.Dictionary:
                writer.BeginStruct(7);
                writer.I32(1, Values);
                writer.I32(2, (int)Encoding);
                break;
            case PageType.DataV2:
                writer.BeginStruct(8);
                writer.I32(1, Values);
                writer.I32(2, Nulls);
                writer.I32(3, Rows);
                writer.I32(4, (int)Encoding);
                writer.I32(5, DefinitionBytes);
                writer.I32(6, RepetitionBytes);
                writer.Bool(7, IsCompressed);
                Statistics?.Write(writer, 8);
                break;
            default:
                writer.BeginStruct(5);
                writer.I32(1, Values);
                writer.I32(2, (int)Encoding);
                writer.I32(3, (int)DefinitionEncoding);
                writer.I32(4, (int)RepetitionEncoding);
                Statistics?.Write(writer, 5);
                break;
        }

        writer.EndStruct();
        writer.EndStruct();
    }

    private void ReadDetails(ref ThriftReader reader, short page, ThriftType type, ref int kind)
    {
        ThriftReader.Require(type, ThriftType.Struct);
        HasDetails |= kind == (page switch { 5 => (int)PageType.Data, 7 => (int)PageType.Dictionary, _ => (int)PageType.DataV2 });
        short id = 0;
        while (reader.Field(ref id, out var field))
        {
            switch (page, id)
            {
                case (_, 1): Values = reader.I32(field); break;
                case (5 or 7, 2) or (8, 4): Encoding = (ParquetEncoding)reader.I32(field); break;
                case (5, 3): DefinitionEncoding = (ParquetEncoding)reader.I32(field); break;
                case (5, 4): RepetitionEncoding = (ParquetEncoding)reader.I32(field); break;
                case (8, 2): Nulls = reader.I32(field); break;
                case (8, 3): Rows = reader.I32(field); break;
                case (8, 5): DefinitionBytes = reader.I32(field); break;
                case (8, 6): RepetitionBytes = reader.I32(field); break;
                case (8, 7): IsCompressed = ThriftReader.Bool(field); break;
                default: reader.Skip(field); break;
            }
        }
    }

    private void Check()
    {
        if (Type is < PageType.Data or > PageType.DataV2)
        {
            throw new ParquetException($"the page is of type {(int)Type}, which the format does not have");
        }

        if (Type != PageType.Index && !HasDetails)
        {
            throw new ParquetException($"the page says that it is of type {Type} and lacks that type's header");
        }

        foreach (var (what, count) in new[] { ("compressed size", CompressedSize), ("uncompressed size", UncompressedSize), ("value count", Values), ("null count", Nulls), ("row count", Rows), ("length of definition levels", DefinitionBytes), ("length of repetition levels", RepetitionBytes) })
        {
            if (count < 0)
            {
                throw new ParquetException($"the page's {what} is {count}");
            }
        }
    }
}
