using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a row gets that does not say.</summary>
public static class CampaignDefaults
{
    public const string Unknown = "unknown";

    /// <summary>
    /// Fills the name from the id, the channel with "unknown", the platform from the channel, and puts the date into UTC (a date without a zone is one)
    /// at whole microseconds. Make the natural key before: what is filled in here was not given.
    /// </summary>
    public static void Fill(Campaign campaign)
    {
        campaign.CampaignName = Or(campaign.CampaignName, campaign.CampaignId);
        campaign.Channel = Or(campaign.Channel, Unknown);
        campaign.Platform = Or(campaign.Platform, campaign.Channel);
        campaign.Date = campaign.Date is { } date ? Instants.ToStored(date) : null;
        campaign.FunnelStage = string.IsNullOrEmpty(campaign.FunnelStage) ? null : campaign.FunnelStage;
    }

    private static string Or(string? value, string other) => string.IsNullOrEmpty(value) ? other : value;
}
