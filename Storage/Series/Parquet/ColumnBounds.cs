namespace CloudStore.Storage.Series.Parquet;

/// <summary>What a file says of the values of a column in a row group.</summary>
/// <param name="Min">No value is less, except NaN; null where nothing is said. Of the column's <see cref="Columns.ColumnType.ClrType"/>.</param>
/// <param name="Max">No value is greater, except NaN; null where nothing is said.</param>
/// <param name="IsMinExact">The least value is there; false where it may have been cut.</param>
/// <param name="IsMaxExact">The greatest value is there; false where it may have been cut.</param>
/// <param name="NullCount">How many are missing; null where nothing is said.</param>
public sealed record ColumnBounds(object? Min, object? Max, bool IsMinExact, bool IsMaxExact, long? NullCount);
