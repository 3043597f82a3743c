namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Rows of a row group, as parts from one row up to another that is no more of it, ascending and apart.</summary>
internal sealed class RowSet
{
    private readonly List<(long Start, long End)> _parts = [];

    public IReadOnlyList<(long Start, long End)> Parts => _parts;

    public long Count => _parts.Sum(p => p.End - p.Start);

    public static RowSet All(long rows)
    {
        var set = new RowSet();
        set.Add(0, rows);
        return set;
    }

    /// <summary>Adds rows after those that it has.</summary>
    public void Add(long start, long end)
    {
        if (end <= start)
        {
            return;
        }

        if (_parts.Count > 0 && _parts[^1].End == start)
        {
            _parts[^1] = (_parts[^1].Start, end);
        }
        else
        {
            _parts.Add((start, end));
        }
    }

    public RowSet Intersect(RowSet other)
    {
        var both = new RowSet();
        for (int i = 0, j = 0; i < _parts.Count && j < other._parts.Count;)
        {
            var (a, b) = (_parts[i], other._parts[j]);
            both.Add(Math.Max(a.Start, b.Start), Math.Min(a.End, b.End));
            _ = a.End < b.End ? i++ : j++;
        }

        return both;
    }

    /// <summary>The parts that lie between two rows.</summary>
    public IEnumerable<(long Start, long End)> Within(long start, long end) =>
        _parts.Where(p => p.Start < end && p.End > start).Select(p => (Math.Max(p.Start, start), Math.Min(p.End, end)));
}
