namespace CloudStore.Storage.Retail.Scenarios;

/// <summary>By how many percent the units of a day change where the price changes by one.</summary>
/// <param name="Value">The slope of ln(units) over ln(price).</param>
/// <param name="StandardError">Of the slope.</param>
/// <param name="Days">Days it was estimated from.</param>
/// <param name="RSquared">Part of the variance of ln(units) that the price explains.</param>
/// <param name="CriticalT">Student's t for a 95 % interval with Days - 2 degrees of freedom.</param>
public sealed record PriceElasticity(double Value, double StandardError, int Days, double RSquared, double CriticalT)
{
    /// <summary>Days needed for an estimate.</summary>
    public const int FewestDays = 10;

    /// <summary>
    /// Ordinary least squares of ln(units) on ln(price) by day: slope Sxy / Sxx, standard error sqrt(SSE / (n - 2) / Sxx) (Wooldridge, Introductory Econometrics, 2.5 and 2.4:
    /// the slope of the constant-elasticity model).
    /// </summary>
    /// <param name="days">Days with a sale: units and mean price, both above 0.</param>
    /// <param name="refusal">Why there is none.</param>
    public static PriceElasticity? Estimate(IReadOnlyCollection<(double Units, double Price)> days, out string? refusal)
    {
        int n = days.Count;
        if (n < FewestDays)
        {
            refusal = $"There are {n} days with a sale and a price; an elasticity needs {FewestDays}.";
            return null;
        }

        double meanX = days.Average(d => Math.Log(d.Price)), meanY = days.Average(d => Math.Log(d.Units));
        double xx = days.Sum(d => Square(Math.Log(d.Price) - meanX)), yy = days.Sum(d => Square(Math.Log(d.Units) - meanY));
        double xy = days.Sum(d => (Math.Log(d.Price) - meanX) * (Math.Log(d.Units) - meanY));
        // Prices that differ by less than a hundredth of a percent have not varied: the rest is rounding.
        if (Math.Sqrt(xx / n) < 1e-4)
        {
            refusal = "The price never varied, so that nothing can be said about what a change would do.";
            return null;
        }

        refusal = null;
        double slope = xy / xx, errors = Math.Max(0, yy - (slope * xy));
        return new PriceElasticity(slope, Math.Sqrt(errors / (n - 2) / xx), n, yy > 0 ? 1 - (errors / yy) : 0, StudentT(n - 2));
    }

    private static double Square(double value) => value * value;

    // Hill's expansion of the quantile in powers of 1 / degrees (Abramowitz and Stegun 26.7.5); from 8 degrees on it is right to four digits.
    private static double StudentT(int degrees)
    {
        const double z = 1.959963984540054;
        double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
        double g1 = (z3 + z) / 4, g2 = ((5 * z5) + (16 * z3) + (3 * z)) / 96, g3 = ((3 * z7) + (19 * z5) + (17 * z3) - (15 * z)) / 384;
        double v = degrees;
        return z + (g1 / v) + (g2 / (v * v)) + (g3 / (v * v * v));
    }
}
