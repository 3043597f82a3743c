namespace CloudStore.Storage.Series.Parquet;

/// <summary>How pages are compressed; the numbers are the format's.</summary>
public enum ParquetCodec
{
    Uncompressed = 0,
    Snappy = 1,
    Gzip = 2,

    /// <summary>Not supported: it has no free description.</summary>
    Lzo = 3,
    Brotli = 4,

    /// <summary>LZ4 in Hadoop's framing, as old files have it. Read only.</summary>
    Lz4Hadoop = 5,

    /// <summary>Where libzstd.so.1 is on the machine.</summary>
    Zstd = 6,
    Lz4Raw = 7,
}
