namespace CloudStore.Storage.Series.Parquet;

/// <summary>How files are written.</summary>
public sealed record ParquetWriteOptions
{
    /// <summary>How pages are compressed. A chunk that it makes less than a tenth smaller is left as it is, which the format lets each chunk choose.</summary>
    public ParquetCodec Codec { get; init; } = ParquetCodec.Snappy;

    /// <summary>Rows of a row group, except of the last.</summary>
    public int RowGroupRows { get; init; } = 1 << 19;

    /// <summary>A row group ends before its rows take more bytes in memory than that, though not within a page.</summary>
    public long RowGroupBytes { get; init; } = 128L << 20;

    /// <summary>Most rows of a page: what a reader can skip.</summary>
    public int PageRows { get; init; } = 1 << 14;

    /// <summary>A page ends when its values take that many bytes.</summary>
    public int PageBytes { get; init; } = 1 << 20;

    /// <summary>Data pages of the format's second version, whose levels are not compressed. Readers of all ages know the first.</summary>
    public bool DataPageV2 { get; init; }

    /// <summary>Pages carry a CRC of their bytes.</summary>
    public bool PageCrc { get; init; }

    /// <summary>Encodings of columns by name: Plain, RleDictionary, DeltaBinaryPacked, DeltaLengthByteArray, DeltaByteArray, ByteStreamSplit, Rle. Of the others the data chooses.</summary>
    public IReadOnlyDictionary<string, ParquetEncoding> Encodings { get; init; } = new Dictionary<string, ParquetEncoding>();

    /// <summary>What is added to the footer.</summary>
    public IReadOnlyDictionary<string, string> KeyValues { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest text or bytes in statistics; what is longer is cut, and said to be.</summary>
    public int StatisticBytes { get; init; } = 64;

    /// <summary>How many threads encode at once; 0 for as many as there are processors.</summary>
    public int Parallelism { get; init; }

    /// <exception cref="ArgumentException">A number is not above 0, or nothing is written with the codec.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RowGroupRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RowGroupBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StatisticBytes, 8);
        ArgumentOutOfRangeException.ThrowIfNegative(Parallelism);
        if (Codec is ParquetCodec.Lz4Hadoop)
        {
            throw new ArgumentException("The codec LZ4 is read only: write Lz4Raw.");
        }
    }
}
