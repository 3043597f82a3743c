namespace CloudStore.Storage.Retail.Patterns;

/// <summary>
/// Multiplicative seasonal factors by ratio to a centred moving average, the classical decomposition: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed.,
/// section 3.4. The ratios of each place in the cycle are averaged, and the averages scaled to a mean of 1.
/// </summary>
public static class Seasonality
{
    /// <summary>The cycles a series must have: with fewer, a place in the cycle has one ratio or none.</summary>
    public const int FewestCycles = 2;

    /// <param name="values">Not negative.</param>
    /// <param name="period">7 for days of the week, 12 for months.</param>
    /// <param name="offset">The place in the cycle of the first value, from 0.</param>
    /// <returns>Null where there are too few values, or a place in the cycle has no ratio because the average around it is 0.</returns>
    public static double[]? Factors(IReadOnlyList<double> values, int period, int offset)
    {
        if (values.Count < FewestCycles * period)
        {
            return null;
        }

        var sums = new double[period];
        var counts = new int[period];
        int half = period / 2;
        for (int i = half; i < values.Count - half; i++)
        {
            double average = CentredAverage(values, i, period);
            if (average > 0)
            {
                int place = (i + offset) % period;
                sums[place] += values[i] / average;
                counts[place]++;
            }
        }

        if (counts.Contains(0))
        {
            return null;
        }

        var factors = new double[period];
        for (int i = 0; i < period; i++)
        {
            factors[i] = sums[i] / counts[i];
        }

        double mean = factors.Average();
        return mean > 0 ? Array.ConvertAll(factors, f => f / mean) : null;
    }

    // An odd period has a middle; over an even one the two ends count half (a 2 x m average).
    private static double CentredAverage(IReadOnlyList<double> values, int middle, int period)
    {
        int half = period / 2;
        double sum = 0;
        for (int i = middle - half; i <= middle + half; i++)
        {
            sum += period % 2 == 0 && (i == middle - half || i == middle + half) ? values[i] / 2 : values[i];
        }

        return sum / period;
    }
}
