namespace CloudStore.Storage.Retail.Patterns;

/// <summary>A robust trend.</summary>
/// <param name="Slope">Change from one value to the next.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end of the 95 % interval.</param>
public readonly record struct Trend(double Slope, double Low, double High);

/// <summary>
/// The median of the slopes between all pairs of values (Theil 1950; Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63, 1968): nearly a third of
/// the values may be wild without moving it far. The interval is Sen's, by the normal approximation of Kendall's statistic without ties.
/// </summary>
public static class TheilSen
{
    /// <summary>
    /// Up to so many values, twenty years of weeks, the answer is exact (about half a million pairs). A longer series is first cut into blocks of equal length, whose means
    /// stand for them; the slope is then that of the blocks.
    /// </summary>
    public const int MostExact = 1040;

    private const double Z95 = 1.959963984540054;

    /// <param name="values">Evenly spaced; three or more.</param>
    /// <returns>Null with fewer than three.</returns>
    public static Trend? Of(IReadOnlyList<double> values)
    {
        int block = (values.Count + MostExact - 1) / MostExact;
        if (block > 1)
        {
            int rest = values.Count % block;
            var means = new double[values.Count / block];
            for (int i = rest; i < values.Count; i++)
            {
                means[(i - rest) / block] += values[i] / block;
            }

            return Of(means) is { } trend ? new Trend(trend.Slope / block, trend.Low / block, trend.High / block) : null;
        }

        int n = values.Count;
        if (n < 3)
        {
            return null;
        }

        var slopes = new double[n * (n - 1) / 2];
        int at = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                slopes[at++] = (values[j] - values[i]) / (j - i);
            }
        }

        Array.Sort(slopes);
        // Sen's ranks, rounded outwards.
        double reach = Z95 * Math.Sqrt(n * (n - 1.0) * ((2.0 * n) + 5) / 18);
        int low = (int)Math.Floor((slopes.Length - reach) / 2), high = (int)Math.Ceiling((slopes.Length + reach) / 2);
        return new Trend(Median(slopes), slopes[Math.Max(0, low)], slopes[Math.Min(slopes.Length - 1, high)]);
    }

    /// <summary>The middle of sorted values; of an even number the mean of the two in the middle.</summary>
    public static double Median(IReadOnlyList<double> sorted) =>
        sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
}
