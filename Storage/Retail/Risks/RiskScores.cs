using CloudStore.Storage.Retail.Patterns;

namespace CloudStore.Storage.Retail.Risks;

/// <summary>A score and the figures it comes from.</summary>
/// <param name="Score">From 0 to 100; null where the data do not say.</param>
/// <param name="Drivers">Enough to compute the score again.</param>
public sealed record ScoredRisk(double? Score, IReadOnlyList<Driver> Drivers);

/// <summary>The five scores, each a published measure put on a scale from 0 to 100 in the way its comment says.</summary>
public static class RiskScores
{
    private const double WeeksOfYear = 52;

    /// <summary>
    /// 100 x the part of the median week that is lost in a year at the Theil-Sen trend, at most 100; halved where the trend's 95 % interval holds 0, since there may be no decline.
    /// </summary>
    public static ScoredRisk DemandDecline(IReadOnlyList<double> weeks)
    {
        double level = weeks.Count == 0 ? 0 : TheilSen.Median([.. weeks.Order()]);
        if (weeks.Count < PatternMaker.FewestWeeks || level <= 0 || TheilSen.Of(weeks) is not { } trend)
        {
            return new(null, [new("wholeWeeks", weeks.Count, "weeks"), new("medianWeek", level, "units")]);
        }

        double lost = Math.Clamp(-trend.Slope * WeeksOfYear / level, 0, 1);
        double score = 100 * lost * (trend.High < 0 ? 1 : 0.5);
        return new(score, [new("trendPerWeek", trend.Slope, "units"), new("trendLow", trend.Low, "units"), new("trendHigh", trend.High, "units"), new("medianWeek", level, "units")]);
    }

    /// <summary>100 x the coefficient of variation of the weeks (standard deviation by mean, n - 1), at most 100.</summary>
    public static ScoredRisk Volatility(IReadOnlyList<double> weeks)
    {
        double mean = weeks.Count == 0 ? 0 : weeks.Average();
        if (weeks.Count < PatternMaker.FewestWeeks || mean <= 0)
        {
            return new(null, [new("wholeWeeks", weeks.Count, "weeks")]);
        }

        double deviation = Math.Sqrt(weeks.Sum(w => (w - mean) * (w - mean)) / (weeks.Count - 1));
        return new(100 * Math.Min(1, deviation / mean), [new("meanWeek", mean, "units"), new("standardDeviation", deviation, "units"), new("coefficientOfVariation", deviation / mean, "ratio")]);
    }

    /// <summary>
    /// The headroom h is 1 - revenue / value at the printed price, of goods with a printed price: a fifth or more scores 0, none 100, in a straight line between.
    /// </summary>
    public static ScoredRisk MarginUnderMrp(decimal mrpValue, decimal revenue)
    {
        if (mrpValue <= 0)
        {
            return new(null, [new("headroom", null, "ratio")]);
        }

        double headroom = (double)(1 - (revenue / mrpValue));
        return new(100 * Math.Clamp(1 - (headroom / 0.2), 0, 1), [new("headroom", headroom, "ratio")]);
    }

    /// <summary>
    /// The Herfindahl-Hirschman index: the sum of squared shares, from 0 to 10,000. The marks of the US Merger Guidelines (2023, guideline 1) stand at 25 (1,000) and 50 (1,800); 10,000 is 100;
    /// straight lines between.
    /// </summary>
    public static ScoredRisk Concentration(IReadOnlyCollection<decimal> revenues)
    {
        // Who gave back more than was sold has no share.
        var parts = revenues.Where(r => r > 0).ToList();
        double sum = parts.Sum(p => (double)p);
        if (sum <= 0)
        {
            return new(null, [new("herfindahl", null, "index")]);
        }

        double index = 10_000 * parts.Sum(p => Math.Pow((double)p / sum, 2));
        double score = index < 1_000 ? index / 1_000 * 25 : index < 1_800 ? 25 + ((index - 1_000) / 800 * 25) : 50 + ((index - 1_800) / 8_200 * 50);
        return new(score, [new("herfindahl", index, "index"), new("parts", parts.Count, "count"), new("largestShare", (double)parts.Max() / sum, "ratio")]);
    }

    /// <summary>The days since the last sale in average inter-demand intervals: up to two score 0, ten or more 100, in a straight line between.</summary>
    public static ScoredRisk StaleStock(DailySeries series, DateTime asOf)
    {
        double idle = Math.Max(0, (asOf.Date - series.Last).Days);
        if (series.DaysWithDemand < 2)
        {
            return new(null, [new("daysSinceLastSale", idle, "days")]);
        }

        double interval = (double)series.Values.Count / series.DaysWithDemand;
        return new(100 * Math.Clamp(((idle / interval) - 2) / 8, 0, 1), [new("daysSinceLastSale", idle, "days"), new("averageInterDemandInterval", interval, "days")]);
    }

    /// <summary>The score in words.</summary>
    public static RiskLevel LevelOf(double? score) => score switch
    {
        null => RiskLevel.Unknown,
        < 25 => RiskLevel.Low,
        < 50 => RiskLevel.Moderate,
        < 75 => RiskLevel.High,
        _ => RiskLevel.Critical,
    };
}
