using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>Keeps given ratios from contradicting measures that were changed behind them.</summary>
internal static class RatioRules
{
    /// <summary>
    /// Clears each given ratio that a change left as it was while it changed the measures, where these now say something else.
    /// </summary>
    public static void ClearContradicted(Campaign old, Campaign changed)
    {
        changed.GivenCtr = Keep(old.GivenCtr, changed.GivenCtr, Ratio.Of(old.Clicks, old.Impressions), Ratio.Of(changed.Clicks, changed.Impressions));
        changed.GivenCpc = Keep(old.GivenCpc, changed.GivenCpc, Ratio.Of(old.Spend, old.Clicks), Ratio.Of(changed.Spend, changed.Clicks));
        changed.GivenCpa = Keep(old.GivenCpa, changed.GivenCpa, Ratio.Of(old.Spend, old.Conversions), Ratio.Of(changed.Spend, changed.Conversions));
        changed.GivenRoas = Keep(old.GivenRoas, changed.GivenRoas, Ratio.Of(old.Revenue, old.Spend), Ratio.Of(changed.Revenue, changed.Spend));
    }

    private static decimal? Keep(decimal? given, decimal? now, decimal? derivedBefore, decimal? derived) =>
        given == now && derived is not null && derived != derivedBefore && derived != now ? null : now;
}
