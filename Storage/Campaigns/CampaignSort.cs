using CloudStore.Storage.Records.Lists;

namespace CloudStore.Storage.Campaigns;

/// <summary>What lists of campaigns can be sorted by; the newest record comes first where nothing is said.</summary>
public static class CampaignSort
{
    public static IReadOnlyList<SortKey<Campaign>> Keys { get; } =
    [
        // Ids rise with the time of creation.
        SortKey<Campaign>.By("createdAt", c => c.Id),
        SortKey<Campaign>.By("updatedAt", c => c.UpdatedAt),
        SortKey<Campaign>.By("date", c => c.Date),
        SortKey<Campaign>.By("campaignName", c => c.CampaignName),
        SortKey<Campaign>.By("spend", c => c.Spend),
        SortKey<Campaign>.By("impressions", c => c.Impressions),
        SortKey<Campaign>.By("clicks", c => c.Clicks),
        SortKey<Campaign>.By("conversions", c => c.Conversions),
        SortKey<Campaign>.By("revenue", c => c.Revenue),
    ];
}
