using System.Text.Json;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>Makes a pattern from the days of one subject. It says what the data carry and leaves out, with a note, what they do not.</summary>
public static class PatternMaker
{
    /// <summary>Fewer days with demand are told as what they are: too few for any factor or trend.</summary>
    public const int FewestDays = 14;

    /// <summary>Four weeks, so that each weekday has at least two ratios.</summary>
    public const int ShortestSpan = 28;

    /// <summary>Eight whole weeks have a trend; fewer have an interval as wide as anything.</summary>
    public const int FewestWeeks = 8;

    private const int Months = 12;
    private const int Decimals = 6;

    /// <summary>Fills a pattern's figures from the days of its subject.</summary>
    public static void Fill(DemandPattern pattern, DailySeries? series)
    {
        var notes = new List<string>();
        if (series is null || series.DaysWithDemand == 0)
        {
            pattern.Notes = Json(["Too little data: there is no day with demand."]);
            return;
        }

        pattern.SampleSize = series.DaysWithDemand;
        pattern.Days = series.Values.Count;
        pattern.Confidence = Math.Round(Credibility.Of(pattern.SampleSize), Decimals);
        (pattern.ValidFrom, pattern.ValidTo) = (series.First, series.Last);
        if (pattern.SampleSize < FewestDays || pattern.Days < ShortestSpan)
        {
            pattern.Notes = Json([$"Too little data: {pattern.SampleSize} days with demand over {pattern.Days} days; a pattern needs {FewestDays} over {ShortestSpan}."]);
            return;
        }

        SetSeasons(pattern, series, notes);
        SetTrend(pattern, series.Weeks(), notes);
        if (Intermittency.Of(series.Values) is { } evenness)
        {
            (pattern.DemandClass, pattern.Adi, pattern.Cv2) = (evenness.DemandClass, Math.Round(evenness.Adi, Decimals), Math.Round(evenness.Cv2, Decimals));
        }

        pattern.Notes = Json(notes);
    }

    private static void SetSeasons(DemandPattern pattern, DailySeries series, List<string> notes)
    {
        // Monday is 0.
        pattern.DayOfWeek = Factors(Seasonality.Factors(series.Values, 7, ((int)series.First.DayOfWeek + 6) % 7));
        if (pattern.DayOfWeek is null)
        {
            notes.Add("No weekday factors: whole weeks around each day of some weekday are without demand.");
        }

        var (first, means) = series.Months();
        pattern.Month = Factors(Seasonality.Factors(means, Months, first.Month - 1));
        if (pattern.Month is null)
        {
            notes.Add(means.Length < Seasonality.FewestCycles * Months ? $"No month factors: they need {Seasonality.FewestCycles * Months} whole months, and there are {means.Length}."
                : "No month factors: the year around some month is without demand.");
        }
    }

    private static void SetTrend(DemandPattern pattern, double[] weeks, List<string> notes)
    {
        double level = weeks.Length == 0 ? 0 : TheilSen.Median([.. weeks.Order()]);
        pattern.Level = pattern.Measure == PatternMeasure.Units ? Math.Round(level, Decimals) : null;
        if (weeks.Length < FewestWeeks || level <= 0)
        {
            notes.Add(weeks.Length < FewestWeeks ? $"No trend: it needs {FewestWeeks} whole weeks, and there are {weeks.Length}." : "No trend: half of the weeks are without demand.");
            return;
        }

        var trend = TheilSen.Of(weeks)!.Value;
        (pattern.TrendPerWeek, pattern.TrendLow, pattern.TrendHigh) =
            (Math.Round(trend.Slope / level, Decimals), Math.Round(trend.Low / level, Decimals), Math.Round(trend.High / level, Decimals));
    }

    private static string? Factors(double[]? factors) => factors is null ? null : JsonSerializer.Serialize(Array.ConvertAll(factors, f => Math.Round(f, Decimals)), RetailJson.Default.DoubleArray);

    private static string Json(List<string> notes) => JsonSerializer.Serialize(notes, RetailJson.Default.ListString);
}
