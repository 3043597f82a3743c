namespace CloudStore.Storage.Retail.Patterns;

/// <summary>How evenly demand comes.</summary>
/// <param name="Adi">Days for each day with demand.</param>
/// <param name="Cv2">Squared coefficient of variation of the days with demand.</param>
/// <param name="DemandClass">Which of the four it is.</param>
public readonly record struct Evenness(double Adi, double Cv2, DemandClass DemandClass);

/// <summary>
/// The four classes of Syntetos, Boylan and Croston, On the categorization of demand patterns, JORS 56, 2005: an average inter-demand interval of 1.32 and a squared
/// coefficient of variation of 0.49 part them.
/// </summary>
public static class Intermittency
{
    public const double AdiCutoff = 1.32;
    public const double Cv2Cutoff = 0.49;

    /// <param name="values">Demand by day, 0 for a day without.</param>
    /// <returns>Null with fewer than two days of demand, which have no variation.</returns>
    public static Evenness? Of(IReadOnlyList<double> values)
    {
        int n = 0;
        double sum = 0;
        foreach (var value in values)
        {
            (n, sum) = value > 0 ? (n + 1, sum + value) : (n, sum);
        }

        if (n < 2)
        {
            return null;
        }

        double mean = sum / n, squares = 0;
        foreach (var value in values)
        {
            squares += value > 0 ? (value - mean) * (value - mean) : 0;
        }

        // The sample's variance: divided by n - 1.
        double adi = (double)values.Count / n, cv2 = squares / (n - 1) / (mean * mean);
        return new Evenness(adi, cv2, (adi < AdiCutoff, cv2 < Cv2Cutoff) switch
        {
            (true, true) => DemandClass.Smooth,
            (true, false) => DemandClass.Erratic,
            (false, true) => DemandClass.Intermittent,
            _ => DemandClass.Lumpy,
        });
    }
}
