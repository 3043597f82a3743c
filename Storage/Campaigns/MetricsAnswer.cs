using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>Metrics by group, and of all groups together.</summary>
/// <param name="Groups">In the order of their keys, campaigns without the field (key null) last.</param>
/// <param name="Total">All campaigns of the filter; a campaign in several groups is counted once.</param>
public sealed record MetricsAnswer(IReadOnlyList<MetricsRow> Groups, MetricsRow Total);

/// <summary>
/// Sums of measures, and the ratios of these sums. A measure that no record has is 0; a ratio whose divisor is 0 is null.
/// </summary>
public sealed record MetricsRow
{
    /// <summary>The group: a name, a day (also of a week: its Monday) such as 2026-01-31, or a month such as 2026-01. Null in the total and for records without the field.</summary>
    public string? Key { get; init; }

    /// <summary>How many different campaign ids.</summary>
    public long Campaigns { get; init; }

    /// <summary>How many records.</summary>
    public long Rows { get; init; }

    public decimal Spend { get; init; }

    public long Impressions { get; init; }

    public long Clicks { get; init; }

    public decimal Conversions { get; init; }

    public decimal Revenue { get; init; }

    /// <summary>Clicks by impressions.</summary>
    public decimal? Ctr => Ratio.Of(Clicks, Impressions);

    /// <summary>Spend by clicks.</summary>
    public decimal? Cpc => Ratio.Of(Spend, Clicks);

    /// <summary>Spend by conversions.</summary>
    public decimal? Cpa => Ratio.Of(Spend, Conversions);

    /// <summary>Revenue by spend.</summary>
    public decimal? Roas => Ratio.Of(Revenue, Spend);
}
