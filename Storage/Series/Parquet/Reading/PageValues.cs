namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>A data page without its levels: the values that are there, encoded, and which of all are.</summary>
internal readonly ref struct PageValues(ParquetEncoding encoding, ReadOnlySpan<byte> data, int count, int valid, ulong[]? bits)
{
    public ParquetEncoding Encoding { get; } = encoding;

    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>Values, missing ones included.</summary>
    public int Count { get; } = count;

    /// <summary>Values that are there.</summary>
    public int Valid { get; } = valid;

    /// <summary>Which are there; null for all.</summary>
    public ulong[]? Bits { get; } = bits;

    public bool IsIndexed => Encoding is ParquetEncoding.PlainDictionary or ParquetEncoding.RleDictionary;
}
