using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Campaigns;

/// <summary>The export source <c>campaigns</c>. Ratios that were derived are left out: they are derived again.</summary>
public sealed class CampaignExport(ImportTargets targets) : ExportSource<Campaign>(targets, "campaigns")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExportFilter> Filters { get; } =
    [
        new("platform", "Exactly this platform."),
        new("channel", "Exactly this channel."),
        new("funnelStage", "Exactly this funnel stage."),
        new("campaignId", "Exactly this campaign id."),
        .. ExportFilter.Dates,
        new("search", "A part of the name or the id, in any case."),
    ];

    /// <inheritdoc/>
    protected override Func<IQueryable<Campaign>, IQueryable<Campaign>> Filter(FilterValues values) => new CampaignFilter
    {
        Platform = values.Text("platform"),
        Channel = values.Text("channel"),
        FunnelStage = values.Text("funnelStage"),
        CampaignId = values.Text("campaignId"),
        From = values.From(),
        Before = values.Before(),
        Search = values.Text("search"),
    }.Apply;
}
