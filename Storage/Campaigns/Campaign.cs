using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>
/// One campaign at one grain: what it spent and brought on a day (or in all), on a platform and a channel. Amounts are in the currency of the source;
/// a measure the source does not have is null, never 0. Ratios are what the source gave, else derived from the measures.
/// </summary>
public sealed class Campaign : Record
{
    /// <summary>Unique in the tenant: see <see cref="CampaignKey"/>.</summary>
    [JsonIgnore]
    public string NaturalKey { get; set; } = "";

    public string CampaignId { get; set; } = "";

    public string CampaignName { get; set; } = "";

    public string Platform { get; set; } = "";

    public string Channel { get; set; } = "";

    public decimal? Spend { get; set; }

    public long? Impressions { get; set; }

    public long? Clicks { get; set; }

    /// <summary>Advertising platforms report fractions where they attribute one conversion to several campaigns.</summary>
    public decimal? Conversions { get; set; }

    public decimal? Revenue { get; set; }

    [JsonIgnore]
    public decimal? GivenCtr { get; set; }

    [JsonIgnore]
    public decimal? GivenCpc { get; set; }

    [JsonIgnore]
    public decimal? GivenCpa { get; set; }

    [JsonIgnore]
    public decimal? GivenRoas { get; set; }

    /// <summary>Click-through rate: clicks by impressions, a fraction.</summary>
    [NotMapped]
    public decimal? Ctr => GivenCtr ?? Ratio.Of(Clicks, Impressions);

    /// <summary>Cost per click.</summary>
    [NotMapped]
    public decimal? Cpc => GivenCpc ?? Ratio.Of(Spend, Clicks);

    /// <summary>Cost per acquisition: spend by conversions.</summary>
    [NotMapped]
    public decimal? Cpa => GivenCpa ?? Ratio.Of(Spend, Conversions);

    /// <summary>Return on advertising spend: revenue by spend.</summary>
    [NotMapped]
    public decimal? Roas => GivenRoas ?? Ratio.Of(Revenue, Spend);

    /// <summary>UTC.</summary>
    public DateTime? Date { get; set; }

    public string? FunnelStage { get; set; }

    /// <summary>What else the source has: a JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? AdditionalData { get; set; }

    internal Campaign Copy() => (Campaign)MemberwiseClone();
}
