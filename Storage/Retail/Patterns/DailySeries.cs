namespace CloudStore.Storage.Retail.Patterns;

/// <summary>Demand by day without gaps, from the first day with a sale to the last: a day without one is 0, and one on which more came back than was sold is 0 as well.</summary>
public sealed class DailySeries
{
    private DailySeries(DateTime first, double[] values) => (First, Values) = (first, values);

    /// <summary>A UTC midnight.</summary>
    public DateTime First { get; }

    public DateTime Last => First.AddDays(Values.Count - 1);

    public IReadOnlyList<double> Values { get; }

    /// <summary>Days with demand.</summary>
    public int DaysWithDemand => Values.Count(v => v > 0);

    /// <param name="days">UTC midnights with their net totals, in any order; one of them or more.</param>
    public static DailySeries Of(IReadOnlyCollection<KeyValuePair<DateTime, double>> days)
    {
        var first = days.Min(d => d.Key);
        var values = new double[(days.Max(d => d.Key) - first).Days + 1];
        foreach (var (day, total) in days)
        {
            values[(day - first).Days] += total;
        }

        return new DailySeries(first, Array.ConvertAll(values, v => Math.Max(0, v)));
    }

    /// <summary>Sums of the whole weeks, counted back from the last day; a rest at the beginning is left out.</summary>
    public double[] Weeks()
    {
        int rest = Values.Count % 7;
        var weeks = new double[Values.Count / 7];
        for (int i = rest; i < Values.Count; i++)
        {
            weeks[(i - rest) / 7] += Values[i];
        }

        return weeks;
    }

    /// <summary>Demand per day of each whole calendar month, so that long months count no more than short ones.</summary>
    /// <returns>The first of the months, and the means.</returns>
    public (DateTime First, double[] Means) Months()
    {
        var first = First.Day == 1 ? First : new DateTime(First.Year, First.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1);
        var means = new List<double>();
        for (var month = first; month.AddMonths(1).AddDays(-1) <= Last; month = month.AddMonths(1))
        {
            int from = (month - First).Days, days = DateTime.DaysInMonth(month.Year, month.Month);
            double sum = 0;
            for (int i = 0; i < days; i++)
            {
                sum += Values[from + i];
            }

            means.Add(sum / days);
        }

        return (first, [.. means]);
    }
}
