using System.Numerics;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Tests.Records.Rules;

public sealed class RatioTests
{
    [Fact]
    public void Ratios_are_derived_from_the_measures_to_six_decimals()
    {
        var campaign = new Campaign { Spend = 100, Impressions = 3_000, Clicks = 70, Conversions = 2.5m, Revenue = 333 };
        Assert.Equal((0.023333m, 1.428571m, 40m, 3.33m), (campaign.Ctr, campaign.Cpc, campaign.Cpa, campaign.Roas));
    }

    [Fact]
    public void A_divisor_of_zero_or_none_gives_no_ratio()
    {
        var zero = new Campaign { Spend = 0, Impressions = 0, Clicks = 0, Conversions = 0, Revenue = 5 };
        Assert.Equal((null, null, null, null), (zero.Ctr, zero.Cpc, zero.Cpa, zero.Roas));
        var none = new Campaign { Clicks = 3 };
        Assert.Equal((null, null, null, null), (none.Ctr, none.Cpc, none.Cpa, none.Roas));
    }

    [Fact]
    public void A_given_ratio_is_kept_as_given()
    {
        var campaign = new Campaign { Impressions = 100, Clicks = 5, GivenCtr = 0.0512345678m };
        Assert.Equal(0.0512345678m, campaign.Ctr);
    }

    [Theory]
    [InlineData(0.0000005, 1, 0.000001)]
    [InlineData(0.0000004, 1, 0)]
    public void Halves_are_rounded_away_from_zero(double a, double b, double expected) => Assert.Equal((decimal)expected, Ratio.Of((decimal)a, (decimal)b));

    [Fact]
    public void A_quotient_that_no_decimal_holds_is_no_ratio()
    {
        Assert.Null(Ratio.Of(1_000_000_000_000_000m, 0.0000000000000000000000000001m));
        Assert.Equal(1m, Ratio.Of(0.0000000000000000000000000001m, 0.0000000000000000000000000001m));
    }

    [Fact]
    public void A_change_of_measures_clears_the_given_ratios_it_contradicts_and_no_others()
    {
        var old = new Campaign { Spend = 10, Impressions = 100, Clicks = 5, GivenCtr = 0.05m, GivenCpc = 2, GivenCpa = 7, GivenRoas = 3 };
        var changed = old.Copy();
        changed.Clicks = 10;
        RatioRules.ClearContradicted(old, changed);
        Assert.Equal((null, null, 7m, 3m), (changed.GivenCtr, changed.GivenCpc, changed.GivenCpa, changed.GivenRoas));
        Assert.Equal((0.1m, 1m), (changed.Ctr, changed.Cpc));

        var both = old.Copy();
        (both.Clicks, both.GivenCtr) = (10, 0.11m);
        RatioRules.ClearContradicted(old, both);
        Assert.Equal((0.11m, null), (both.GivenCtr, both.GivenCpc));
    }

    [Fact]
    public void It_is_the_exact_quotient_rounded_once()
    {
        var random = new Random(11);
        for (int i = 0; i < 50_000; i++)
        {
            var a = new decimal(random.Next(), random.Next(3) == 0 ? random.Next() : 0, 0, random.Next(4) == 0, (byte)random.Next(8));
            var b = new decimal(random.Next(1, int.MaxValue), random.Next(6) == 0 ? random.Next() : 0, 0, random.Next(4) == 0, (byte)random.Next(8));
            Assert.Equal(Exact(a, b), Ratio.Of(a, b));
        }
    }

    // In whole numbers of any size: halves of the last place are added, away from zero, before the division cuts off.
    private static decimal Exact(decimal a, decimal b)
    {
        var (dividend, divisor) = (Digits(a) * BigInteger.Pow(10, Ratio.Decimals + b.Scale), Digits(b) * BigInteger.Pow(10, a.Scale));
        var rounded = (2 * dividend + divisor) / (2 * divisor);
        return (decimal)rounded / 1_000_000m * (a < 0 != b < 0 ? -1 : 1);
    }

    private static BigInteger Digits(decimal value) => new(Math.Abs(value) * (decimal)BigInteger.Pow(10, value.Scale));
}
