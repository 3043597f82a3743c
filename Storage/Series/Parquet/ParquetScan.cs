namespace CloudStore.Storage.Series.Parquet;

/// <summary>What is read of a file.</summary>
public sealed record ParquetScan
{
    /// <summary>The columns, in this order; null for all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>
    /// Row groups and pages that by their statistics hold no row in all of these ranges are not read. What is read may still hold rows outside of them: nothing is left out that is inside.
    /// </summary>
    public IReadOnlyList<ColumnRange> Ranges { get; init; } = [];

    /// <summary>The row groups, by their positions; null for all.</summary>
    public IReadOnlyList<int>? RowGroups { get; init; }
}

/// <summary>Values from one to another, both included.</summary>
/// <param name="Min">Of the column's <see cref="Columns.ColumnType.ClrType"/>; null for no limit.</param>
/// <param name="Max">The same.</param>
public sealed record ColumnRange(string Column, object? Min, object? Max);
