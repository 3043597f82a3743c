using CloudStore.Storage.Retail.Patterns;

namespace CloudStore.Storage.Tests.Retail;

/// <summary>
/// The published formulas against values that a Python script of its own computed (plain lists, statistics.median and variance) or that are computed by hand in the comment.
/// </summary>
public sealed class PatternMathTests
{
    private static readonly DateTime First = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Three_years_of_days_give_the_factors_trend_and_class_that_Python_finds()
    {
        var pattern = new DemandPattern();
        PatternMaker.Fill(pattern, Years());
        Assert.Equal("[1.047165,1.000211,0.97543,0.953874,1.023376,1.11667,0.883273]", pattern.DayOfWeek);
        Assert.Equal("[0.986813,0.985857,0.981083,0.987127,0.986557,0.986187,0.984679,0.981899,0.987695,1.074463,1.071232,0.986409]", pattern.Month);
        Assert.Equal((336.5, 0.007328, 0.007249, 0.007413), (pattern.Level, pattern.TrendPerWeek, pattern.TrendLow, pattern.TrendHigh));
        Assert.Equal((DemandClass.Smooth, 1.0, 0.118424), (pattern.DemandClass, pattern.Adi, pattern.Cv2));
        Assert.Equal((1096, 1096, 0.975089, "[]"), (pattern.SampleSize, pattern.Days, pattern.Confidence, pattern.Notes));
        Assert.Equal((First, First.AddDays(1095)), (pattern.ValidFrom, pattern.ValidTo));
    }

    [Fact]
    public void The_trend_is_the_median_of_all_slopes_and_wild_values_do_not_move_it()
    {
        // Of the 21 slopes of 3 5 4 8 9 7 12 the eleventh is 1.4; Sen's reach is 1.96 * sqrt(7 * 6 * 19 / 18) = 13.05: ranks 3 (0.5) and 18 (2.5), counted from 0.
        Assert.Equal(new Trend(1.4, 0.5, 2.5), TheilSen.Of([3, 5, 4, 8, 9, 7, 12]));
        var line = Enumerable.Range(0, 100).Select(i => 2.0 * i).ToArray();
        (line[10], line[50], line[90]) = (1e9, -1e9, 1e9);
        Assert.Equal(2.0, TheilSen.Of(line)!.Value.Slope, 9);
        Assert.Null(TheilSen.Of([1, 2]));
    }

    [Fact]
    public void A_series_longer_than_is_taken_exactly_has_the_slope_of_its_blocks()
    {
        var line = Enumerable.Range(0, 5_000).Select(i => 3.0 * i).ToArray();
        Assert.Equal(3.0, TheilSen.Of(line)!.Value.Slope, 9);
    }

    [Theory]
    // Three days of 5 in seven: 7 / 3, no variation.
    [InlineData(new double[] { 5, 0, 0, 5, 0, 0, 5 }, 2.3333333333, 0, DemandClass.Intermittent)]
    [InlineData(new double[] { 1, 20, 2, 30, 1, 25 }, 1, 1.0277199167, DemandClass.Erratic)]
    [InlineData(new double[] { 0, 9, 0, 0, 1, 0, 40, 0, 0, 2 }, 2.5, 1.9921104536, DemandClass.Lumpy)]
    [InlineData(new double[] { 4, 5, 6, 5 }, 1, 0.0266666667, DemandClass.Smooth)]
    public void Demand_is_classed_by_its_interval_and_its_variation(double[] days, double adi, double cv2, DemandClass expected)
    {
        var evenness = Intermittency.Of(days)!.Value;
        Assert.Equal((adi, cv2, expected), (Math.Round(evenness.Adi, 10), Math.Round(evenness.Cv2, 10), evenness.DemandClass));
    }

    [Fact]
    public void Factors_need_two_cycles_and_demand_around_each_place()
    {
        // A week of 1 2 3 4 5 6 7, over and over, averages 4 around each day: the factors are n / 4.
        var weeks = Enumerable.Range(0, 28).Select(i => (double)(i % 7) + 1).ToArray();
        Assert.Equal([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75], Seasonality.Factors(weeks, 7, 0)!.Select(f => Math.Round(f, 12)));
        // The same seen from a series that starts on the third place.
        Assert.Equal([1.5, 1.75, 0.25, 0.5, 0.75, 1, 1.25], Seasonality.Factors(weeks, 7, 2)!.Select(f => Math.Round(f, 12)));
        Assert.Null(Seasonality.Factors(weeks[..13], 7, 0));
        Assert.Null(Seasonality.Factors(new double[28], 7, 0));
    }

    [Fact]
    public void Too_little_data_says_so_and_confidence_falls_with_the_sample()
    {
        var few = new DemandPattern();
        PatternMaker.Fill(few, DailySeries.Of(Enumerable.Range(0, 13).Select(i => KeyValuePair.Create(First.AddDays(3 * i), 1.0)).ToList()));
        Assert.Equal("""["Too little data: 13 days with demand over 37 days; a pattern needs 14 over 28."]""", few.Notes);
        Assert.Equal((null, null, null, 13), (few.DayOfWeek, few.TrendPerWeek, few.DemandClass, few.SampleSize));
        var none = new DemandPattern();
        PatternMaker.Fill(none, null);
        Assert.Contains("Too little data", none.Notes);
        Assert.Equal([0, 0.2, 0.5, 365d / 393], new[] { 0, 7, 28, 365 }.Select(Credibility.Of));

        var months = new DemandPattern();
        PatternMaker.Fill(months, DailySeries.Of([.. Years().Values.Take(365).Select((v, i) => KeyValuePair.Create(First.AddDays(i), v))]));
        Assert.Null(months.Month);
        Assert.Contains("they need 24 whole months, and there are 12", months.Notes);
    }

    [Fact]
    public void Days_without_a_sale_are_0_and_so_is_a_day_on_which_more_came_back()
    {
        var series = DailySeries.Of([KeyValuePair.Create(First, 3.0), KeyValuePair.Create(First.AddDays(2), -5.0), KeyValuePair.Create(First.AddDays(3), 1.0)]);
        Assert.Equal([3, 0, 0, 1], series.Values);
        Assert.Equal(2, series.DaysWithDemand);
    }

    internal static DailySeries Years() => DailySeries.Of([.. Enumerable.Range(0, 1096).Select(i =>
    {
        var day = First.AddDays(i);
        int[] weekday = [3, 1, 0, -1, 2, 6, -4];
        return KeyValuePair.Create(day, 20.0 + (i / 20) + weekday[((int)day.DayOfWeek + 6) % 7] + (i * 37 % 11) - 5 + (day.Month is 10 or 11 ? 4 : 0));
    })]);
}
