namespace CloudStore.Storage.Retail.Patterns;

/// <summary>Totals by day that grow as days are met: eight bytes for each day between the first and the last.</summary>
internal sealed class DayTotals
{
    private const int Spare = 32;
    private int _first;
    private int _count;
    private double[] _totals = [];

    public void Add(DateTime at, double amount) => Add((int)(at.Ticks / TimeSpan.TicksPerDay), amount);

    public void Add(DayTotals other)
    {
        for (int i = 0; i < other._count; i++)
        {
            Add(other._first + i, other._totals[i]);
        }
    }

    /// <summary>The days as a series; null where there are none.</summary>
    public DailySeries? ToSeries() =>
        _count == 0 ? null : DailySeries.Of([.. Enumerable.Range(0, _count).Select(i => KeyValuePair.Create(new DateTime((_first + i) * TimeSpan.TicksPerDay, DateTimeKind.Utc), _totals[i]))]);

    private void Add(int day, double amount)
    {
        if (_count == 0)
        {
            (_first, _count, _totals) = (day, 1, new double[Spare]);
        }
        else if (day < _first)
        {
            int more = _first - day;
            var larger = new double[_count + more + Spare];
            Array.Copy(_totals, 0, larger, more, _count);
            (_first, _count, _totals) = (day, _count + more, larger);
        }
        else if (day >= _first + _count)
        {
            _count = day - _first + 1;
            if (_count > _totals.Length)
            {
                Array.Resize(ref _totals, Math.Max(_count, 2 * _totals.Length));
            }
        }

        _totals[day - _first] += amount;
    }
}
