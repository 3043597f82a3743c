namespace CloudStore.Storage.Series.Parquet;

/// <summary>A file that was written.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Bounds">Of each column, over all row groups.</param>
/// <param name="RowGroups">How many row groups it has.</param>
public sealed record ParquetSummary(long Rows, long Bytes, IReadOnlyDictionary<string, ColumnBounds> Bounds, int RowGroups);
