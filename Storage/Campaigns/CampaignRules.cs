using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>
/// What a campaign must be, wherever it comes from: one request, a batch, a file, a stream or C#. Called for each row of a file, so nothing is allocated
/// where the row is right.
/// </summary>
public static class CampaignRules
{
    public const int LongestId = 256;
    public const int LongestName = 512;
    public const int LongestDimension = 128;
    public const int LongestStage = 64;
    private static readonly DateTime Earliest = new(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime End = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <param name="campaign">With or without its defaults.</param>
    /// <param name="report">Told each broken rule: the field, the rule's id and a sentence.</param>
    public static void Check(Campaign campaign, Action<string, string, string> report)
    {
        TextRules.Check("campaignId", campaign.CampaignId, LongestId, report, required: true);
        TextRules.Check("campaignName", campaign.CampaignName, LongestName, report);
        TextRules.Check("platform", campaign.Platform, LongestDimension, report);
        TextRules.Check("channel", campaign.Channel, LongestDimension, report);
        TextRules.Check("funnelStage", campaign.FunnelStage, LongestStage, report);
        NumberRules.Check("spend", campaign.Spend, report);
        NumberRules.Check("impressions", campaign.Impressions, report);
        NumberRules.Check("clicks", campaign.Clicks, report);
        NumberRules.Check("conversions", campaign.Conversions, report);
        NumberRules.Check("revenue", campaign.Revenue, report);
        NumberRules.Check("ctr", campaign.GivenCtr, report);
        NumberRules.Check("cpc", campaign.GivenCpc, report);
        NumberRules.Check("cpa", campaign.GivenCpa, report);
        NumberRules.Check("roas", campaign.GivenRoas, report);
        if (campaign.Clicks > campaign.Impressions)
        {
            report("clicks", "at-most-impressions", $"clicks ({campaign.Clicks}) must not be more than impressions ({campaign.Impressions}).");
        }

        CheckDate("date", campaign.Date, report);
        JsonRules.CheckObject("additionalData", campaign.AdditionalData, report);
    }

    internal static void CheckDate(string field, DateTime? date, Action<string, string, string> report)
    {
        if (date < Earliest || date >= End)
        {
            report(field, "range", $"{field} must be from 1990 to 2099; it is {date:yyyy-MM-dd}.");
        }
    }
}
