using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a caller says about a campaign; <see cref="Campaign"/> is what is kept of it. Absent is null.</summary>
public sealed record CampaignDraft
{
    /// <summary>Needed; up to 256 characters.</summary>
    public string? CampaignId { get; init; }

    /// <summary>The campaignId where absent.</summary>
    public string? CampaignName { get; init; }

    /// <summary>The channel where absent.</summary>
    public string? Platform { get; init; }

    /// <summary>"unknown" where absent.</summary>
    public string? Channel { get; init; }

    public decimal? Spend { get; init; }

    public long? Impressions { get; init; }

    /// <summary>Not more than the impressions.</summary>
    public long? Clicks { get; init; }

    public decimal? Conversions { get; init; }

    public decimal? Revenue { get; init; }

    /// <summary>A fraction; derived from the measures where absent, as the other ratios are.</summary>
    public decimal? Ctr { get; init; }

    public decimal? Cpc { get; init; }

    public decimal? Cpa { get; init; }

    public decimal? Roas { get; init; }

    /// <summary>A day or an instant; UTC where it has no offset.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? Date { get; init; }

    public string? FunnelStage { get; init; }

    /// <summary>A JSON object of up to 64 KiB.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? AdditionalData { get; init; }

    public static CampaignDraft Of(Campaign c) => new()
    {
        CampaignId = c.CampaignId,
        CampaignName = c.CampaignName,
        Platform = c.Platform,
        Channel = c.Channel,
        Spend = c.Spend,
        Impressions = c.Impressions,
        Clicks = c.Clicks,
        Conversions = c.Conversions,
        Revenue = c.Revenue,
        Ctr = c.GivenCtr,
        Cpc = c.GivenCpc,
        Cpa = c.GivenCpa,
        Roas = c.GivenRoas,
        Date = c.Date,
        FunnelStage = c.FunnelStage,
        AdditionalData = c.AdditionalData,
    };

    /// <summary>A new record with its default key and what is absent filled in; not checked.</summary>
    public Campaign ToCampaign()
    {
        var campaign = new Campaign();
        Copy(campaign);
        campaign.NaturalKey = CampaignKey.Default(campaign);
        CampaignDefaults.Fill(campaign);
        return campaign;
    }

    /// <summary>Makes a stored record say what this says. Its key follows where it is the default one.</summary>
    internal void ApplyTo(Campaign campaign)
    {
        var old = campaign.Copy();
        Copy(campaign);
        CampaignDefaults.Fill(campaign);
        campaign.NaturalKey = CampaignKey.AfterChange(old, campaign);
    }

    private void Copy(Campaign c)
    {
        c.CampaignId = CampaignId ?? "";
        c.CampaignName = CampaignName ?? "";
        c.Platform = Platform ?? "";
        c.Channel = Channel ?? "";
        c.Spend = Spend;
        c.Impressions = Impressions;
        c.Clicks = Clicks;
        c.Conversions = Conversions;
        c.Revenue = Revenue;
        c.GivenCtr = Ctr;
        c.GivenCpc = Cpc;
        c.GivenCpa = Cpa;
        c.GivenRoas = Roas;
        c.Date = Date;
        c.FunnelStage = FunnelStage;
        c.AdditionalData = AdditionalData;
    }
}
