using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Campaigns;

/// <summary>Many campaigns at once, through the bulk writer.</summary>
public sealed class CampaignBulk(StoreContext context) : DraftBulk<Campaign, CampaignDraft>(context)
{
    /// <inheritdoc/>
    protected override string KeyField => "campaignId";

    /// <inheritdoc/>
    protected override Campaign Make(CampaignDraft draft) => draft.ToCampaign();

    /// <inheritdoc/>
    protected override void Check(Campaign row, Action<string, string, string> report) => CampaignRules.Check(row, report);

    /// <inheritdoc/>
    protected override string KeyOf(Campaign row) => row.NaturalKey;
}
