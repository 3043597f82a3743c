using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>The import target <c>campaigns</c>: exports of advertising platforms.</summary>
public sealed class CampaignImport : ImportTarget<Campaign>
{
    /// <inheritdoc/>
    public override string Name => "campaigns";

    /// <inheritdoc/>
    public override bool HasKey => true;

    /// <inheritdoc/>
    public override bool CanDeriveKey => true;

    /// <inheritdoc/>
    public override Action<Campaign, string> SetOther { get; } = (c, json) => c.AdditionalData = json;

    /// <inheritdoc/>
    public override string OtherProperty => nameof(Campaign.AdditionalData);

    /// <summary>The names that advertising platforms and their exports give the fields, the likelier first.</summary>
    public override IReadOnlyList<ImportField<Campaign>> TypedFields { get; } =
    [
        ImportField<Campaign>.Text("campaignId", nameof(Campaign.CampaignId), (c, v) => c.CampaignId = v, c => c.CampaignId,
            "campaignnumber", "campaignno", "campaignkey", "campaigncode", "adid", "adgroupid", "adsetid", "advertiserid") with { Required = true },
        ImportField<Campaign>.Text("campaignName", nameof(Campaign.CampaignName), (c, v) => c.CampaignName = v, c => c.CampaignName,
            "campaign", "campaigntitle", "nameofcampaign", "adname", "advertisername"),
        ImportField<Campaign>.Text("platform", nameof(Campaign.Platform), (c, v) => c.Platform = v, c => c.Platform,
            "adplatform", "publisherplatform", "network", "adnetwork", "publisher"),
        ImportField<Campaign>.Text("channel", nameof(Campaign.Channel), (c, v) => c.Channel = v, c => c.Channel,
            "channelused", "marketingchannel", "channelgroup", "channelname", "medium", "category"),
        ImportField<Campaign>.Decimal("spend", nameof(Campaign.Spend), (c, v) => c.Spend = v, c => c.Spend,
            "spent", "cost", "adspend", "amountspent", "totalspend", "totalspent", "totalcost", "spendusd", "costusd", "amountspentusd", "markspent", "marketingspend",
            "mediaspend", "mediacost", "acquisitioncost", "budgetspent", "spendeur", "amountspenteur"),
        ImportField<Campaign>.Integer("impressions", nameof(Campaign.Impressions), (c, v) => c.Impressions = v, c => c.Impressions,
            "impression", "impr", "imps", "ofimpressions", "numberofimpressions", "noofimpressions", "totalimpressions", "displays", "views", "adimpressions"),
        ImportField<Campaign>.Integer("clicks", nameof(Campaign.Clicks), (c, v) => c.Clicks = v, c => c.Clicks,
            "click", "ofwebsiteclicks", "websiteclicks", "linkclicks", "ofclicks", "numberofclicks", "noofclicks", "totalclicks", "clicksall", "adclicks"),
        ImportField<Campaign>.Decimal("conversions", nameof(Campaign.Conversions), (c, v) => c.Conversions = v, c => c.Conversions,
            "conversion", "totalconversion", "totalconversions", "conv", "orders", "purchases", "ofpurchase", "purchase", "ofconversions", "postclickconversions",
            "acquisitions", "results", "sales"),
        ImportField<Campaign>.Decimal("revenue", nameof(Campaign.Revenue), (c, v) => c.Revenue = v, c => c.Revenue,
            "totalrevenue", "revenueusd", "conversionvalue", "totalconversionvalue", "convvalue", "purchasevalue", "saleamount", "salesamount", "postclicksalesamount",
            "revenuegenerated"),
        ImportField<Campaign>.Ratio("ctr", nameof(Campaign.GivenCtr), (c, v) => c.GivenCtr = v, c => c.GivenCtr, "clickthroughrate", "ctrall"),
        ImportField<Campaign>.Ratio("cpc", nameof(Campaign.GivenCpc), (c, v) => c.GivenCpc = v, c => c.GivenCpc, "costperclick", "avgcpc"),
        ImportField<Campaign>.Ratio("cpa", nameof(Campaign.GivenCpa), (c, v) => c.GivenCpa = v, c => c.GivenCpa, "costperacquisition", "costperconversion", "costperaction"),
        ImportField<Campaign>.Ratio("roas", nameof(Campaign.GivenRoas), (c, v) => c.GivenRoas = v, c => c.GivenRoas, "returnonadspend"),
        ImportField<Campaign>.Instant("date", nameof(Campaign.Date), (c, v) => c.Date = v, c => c.Date,
            "reportdate", "campaigndate", "cdate", "addate", "startdate", "datestart", "weekstartdate", "weekstart", "reportingstarts", "clicktime") with { DateAliases = ["day", "week", "month", "timestamp", "time"] },
        ImportField<Campaign>.Text("funnelStage", nameof(Campaign.FunnelStage), (c, v) => c.FunnelStage = v, c => c.FunnelStage, "stage", "funnel"),
        ImportField<Campaign>.Json("additionalData", nameof(Campaign.AdditionalData), (c, v) => c.AdditionalData = v, c => c.AdditionalData, "meta", "metadata"),
        // In exports of rows whose key cannot be made again from their other columns; a measure, so that no id is derived from it.
        ImportField<Campaign>.Text("naturalKey", nameof(Campaign.NaturalKey), (c, v) => c.NaturalKey = v, c => c.NaturalKey == CampaignKey.Default(c) ? null : c.NaturalKey) with { IsMeasure = true },
    ];

    /// <inheritdoc/>
    public override void SetDerivedId(Campaign row, string id) => row.CampaignId = id;

    /// <inheritdoc/>
    public override void Complete(Campaign row, string?[]? key)
    {
        row.NaturalKey = key is not null ? CampaignKey.Of(key) : row.NaturalKey.Length > 0 ? row.NaturalKey : CampaignKey.Default(row);
        CampaignDefaults.Fill(row);
    }

    /// <inheritdoc/>
    public override void Check(Campaign row, Action<string, string, string> report)
    {
        CampaignRules.Check(row, report);
        KeyRules.Check(row.NaturalKey, report);
    }
}
