namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>The least and the greatest value of a page or chunk; none where nothing is there, or only NaN.</summary>
internal readonly record struct PageBounds<T>(T Min, T Max, bool HasValue)
{
    public PageBounds<T> Union(PageBounds<T> other, Comparison<T> compare) =>
        !HasValue ? other
        : !other.HasValue ? this
        : new(compare(other.Min, Min) < 0 ? other.Min : Min, compare(other.Max, Max) > 0 ? other.Max : Max, true);
}

/// <summary>A value for statistics, and whether it is the value itself or was cut.</summary>
internal readonly record struct StatisticBytes(byte[] Bytes, bool IsExact);
