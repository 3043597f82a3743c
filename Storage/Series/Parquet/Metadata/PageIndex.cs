using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>Where a chunk's data pages are: OffsetIndex.</summary>
internal sealed class OffsetIndex
{
    public List<PageLocation> Pages { get; } = [];

    public static OffsetIndex Read(ReadOnlySpan<byte> data)
    {
        var reader = new ThriftReader(data);
        var index = new OffsetIndex();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            if (id != 1)
            {
                reader.Skip(type);
                continue;
            }

            for (int left = reader.List(type, ThriftType.Struct); left > 0; left--)
            {
                index.Pages.Add(ReadPage(ref reader));
            }
        }

        return index;
    }

    public void Write(ThriftWriter writer)
    {
        writer.BeginElement();
        writer.BeginList(1, ThriftType.Struct, Pages.Count);
        foreach (var page in Pages)
        {
            writer.BeginElement();
            writer.I64(1, page.Offset);
            writer.I32(2, page.Size);
            writer.I64(3, page.FirstRow);
            writer.EndStruct();
        }

        writer.EndStruct();
    }

    private static PageLocation ReadPage(ref ThriftReader reader)
    {
        long offset = 0, row = 0;
        int size = 0;
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: offset = reader.I64(type); break;
                case 2: size = reader.I32(type); break;
                case 3: row = reader.I64(type); break;
                default: reader.Skip(type); break;
            }
        }

        return new(offset, size, row);
    }
}

/// <param name="Size">With its header.</param>
/// <param name="FirstRow">Of the row group.</param>
internal readonly record struct PageLocation(long Offset, int Size, long FirstRow);

/// <summary>What lies in a chunk's data pages: ColumnIndex.</summary>
internal sealed class ColumnIndex
{
    public List<bool> NullPages { get; } = [];

    public List<byte[]> Min { get; } = [];

    public List<byte[]> Max { get; } = [];

    public BoundaryOrder Order { get; set; }

    public List<long> NullCounts { get; } = [];

    public static ColumnIndex Read(ReadOnlySpan<byte> data)
    {
        var reader = new ThriftReader(data);
        var index = new ColumnIndex();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    for (int left = reader.List(type, ThriftType.True); left > 0; left--)
                    {
                        index.NullPages.Add(reader.ListedBool());
                    }

                    break;
                case 2 or 3:
                    for (int left = reader.List(type, ThriftType.Binary); left > 0; left--)
                    {
                        (id == 2 ? index.Min : index.Max).Add(reader.Bytes().ToArray());
                    }

                    break;
                case 4: index.Order = (BoundaryOrder)reader.I32(type); break;
                case 5:
                    for (int left = reader.List(type, ThriftType.I64); left > 0; left--)
                    {
                        index.NullCounts.Add(reader.Long());
                    }

                    break;
                default: reader.Skip(type); break;
            }
        }

        int pages = index.NullPages.Count;
        return index.Min.Count == pages && index.Max.Count == pages ? index : throw new ParquetException("the column index has not a least and a greatest value for each page");
    }

    public void Write(ThriftWriter writer)
    {
        writer.BeginElement();
        writer.BeginList(1, ThriftType.True, NullPages.Count);
        NullPages.ForEach(writer.ListedBool);
        writer.BeginList(2, ThriftType.Binary, Min.Count);
        Min.ForEach(m => writer.Bytes(m));
        writer.BeginList(3, ThriftType.Binary, Max.Count);
        Max.ForEach(m => writer.Bytes(m));
        writer.I32(4, (int)Order);
        writer.BeginList(5, ThriftType.I64, NullCounts.Count);
        NullCounts.ForEach(writer.Long);
        writer.EndStruct();
    }
}
