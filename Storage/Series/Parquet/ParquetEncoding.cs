namespace CloudStore.Storage.Series.Parquet;

/// <summary>How the values of a page are written; the numbers are the format's.</summary>
public enum ParquetEncoding
{
    Plain = 0,

    /// <summary>What the first version of the format calls a dictionary.</summary>
    PlainDictionary = 2,
    Rle = 3,

    /// <summary>Levels of old files.</summary>
    BitPacked = 4,
    DeltaBinaryPacked = 5,
    DeltaLengthByteArray = 6,
    DeltaByteArray = 7,
    RleDictionary = 8,
    ByteStreamSplit = 9,
}
