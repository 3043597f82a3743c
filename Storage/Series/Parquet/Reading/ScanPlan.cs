using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Which rows of which row groups a scan reads, by what statistics and page indexes say.</summary>
internal sealed class ScanPlan(FileSource source, IReadOnlyList<(LeafColumn Leaf, object? Min, object? Max)> ranges)
{
    /// <summary>The rows of a group that may lie in all ranges.</summary>
    public async ValueTask<RowSet> RowsAsync(RowGroupMetadata group, CancellationToken cancellationToken)
    {
        var rows = RowSet.All(group.Rows);
        foreach (var (leaf, min, max) in ranges)
        {
            var chunk = group.Columns[leaf.Index];
            var bounds = StatisticValue.Bounds(leaf, chunk.Statistics, source.Metadata.IsOrdered);
            if (IsOutside(bounds.Min, bounds.Max, min, max) || (bounds.NullCount == chunk.Values && leaf.IsFlat && (min ?? max) is not null))
            {
                return new RowSet();
            }
        }

        foreach (var (leaf, min, max) in ranges)
        {
            var chunk = group.Columns[leaf.Index];
            if (rows.Count > 0 && chunk is { ColumnIndexLength: > 0, OffsetIndexLength: > 0 })
            {
                rows = rows.Intersect(await PagesAsync(group, leaf, chunk, min, max, cancellationToken));
            }
        }

        return rows;
    }

    private async ValueTask<RowSet> PagesAsync(RowGroupMetadata group, LeafColumn leaf, ColumnMetadata chunk, object? min, object? max, CancellationToken cancellationToken)
    {
        var places = await source.OffsetIndexAsync(group, leaf, cancellationToken);
        var index = await source.ReadAsync(chunk.ColumnIndexOffset, chunk.ColumnIndexLength, ColumnIndex.Read, leaf.Path, cancellationToken);
        if (index.NullPages.Count != places.Count)
        {
            throw new ParquetException($"the column index has {index.NullPages.Count} pages, the offset index {places.Count}").At(source.Name, leaf.Path, chunk.ColumnIndexOffset);
        }

        bool isOrdered = source.Metadata.IsOrdered;
        var rows = new RowSet();
        for (int i = 0; i < places.Count; i++)
        {
            var bounds = StatisticValue.Bounds(leaf, new Statistics { Min = index.Min[i], Max = index.Max[i] }, isOrdered);
            bool isOutside = index.NullPages[i] ? (min ?? max) is not null : IsOutside(bounds.Min, bounds.Max, min, max);
            if (!isOutside)
            {
                rows.Add(places[i].FirstRow, i + 1 < places.Count ? places[i + 1].FirstRow : group.Rows);
            }
        }

        return rows;
    }

    private static bool IsOutside(object? least, object? greatest, object? min, object? max) =>
        (least is not null && max is not null && StatisticValue.Compare(least, max) > 0) || (greatest is not null && min is not null && StatisticValue.Compare(greatest, min) < 0);
}
