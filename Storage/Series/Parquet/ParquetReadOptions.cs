using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>How files are read.</summary>
public sealed record ParquetReadOptions
{
    /// <summary>How many threads decode at once; 0 for as many as there are processors.</summary>
    public int Parallelism { get; init; }

    /// <summary>The most bytes of memory for the columns of one read; null for what the file's length justifies: 64 MiB, or 4,096 times its length.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>What INT96 timestamps, which are nanoseconds of any day, become. Microseconds are what Spark takes them for, also beyond its years; nanoseconds reach from 1677 to 2262, and what is outside is refused.</summary>
    public TimeUnit Int96Unit { get; init; } = TimeUnit.Microseconds;

    /// <summary>Byte arrays that do not say what they are, as some old writers leave their text, are text.</summary>
    public bool BinaryAsText { get; init; }
}
