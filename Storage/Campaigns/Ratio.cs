namespace CloudStore.Storage.Campaigns;

/// <summary>Ratios of measures, rounded to 6 decimals, halves away from zero.</summary>
public static class Ratio
{
    public const int Decimals = 6;

    // A decimal holds 7.9e28; a quotient near that has no meaning as a ratio.
    private const double Largest = 1e21;

    /// <returns>Null where a part is absent, the divisor is 0, or the quotient is over 1e21.</returns>
    public static decimal? Of(decimal? dividend, decimal? divisor)
    {
        if (dividend is not { } a || divisor is not { } b || b == 0 || Math.Abs((double)a / (double)b) > Largest)
        {
            return null;
        }

        return decimal.Round(a / b, Decimals, MidpointRounding.AwayFromZero);
    }
}
