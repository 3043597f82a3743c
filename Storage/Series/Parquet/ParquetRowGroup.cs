namespace CloudStore.Storage.Series.Parquet;

/// <summary>A row group as the footer describes it.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="CompressedBytes">What its chunks take in the file.</param>
/// <param name="Bounds">Of each column by its name; flat columns only.</param>
public sealed record ParquetRowGroup(long Rows, long CompressedBytes, IReadOnlyDictionary<string, ColumnBounds> Bounds);
