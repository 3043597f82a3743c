using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Risks;

/// <summary>What can go wrong with a product's sales, or with all sales of a selection.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RiskKind>))]
public enum RiskKind
{
    /// <summary>Weekly demand falls.</summary>
    DemandDecline,

    /// <summary>Weekly demand varies.</summary>
    Volatility,

    /// <summary>Prices stand so close under the printed maximum that costs cannot be passed on.</summary>
    MarginUnderMrp,

    /// <summary>Few products bring most of the revenue; for one product, few stores.</summary>
    Concentration,

    /// <summary>Nothing was sold for longer than usual.</summary>
    StaleStock,
}

/// <summary>The score in words: low below 25, moderate below 50, high below 75, critical from there.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RiskLevel>))]
public enum RiskLevel
{
    Low,
    Moderate,
    High,
    Critical,

    /// <summary>The data do not say.</summary>
    Unknown,
}

/// <summary>One risk, its score, and what the score comes from.</summary>
public sealed class RiskAssessment : Record
{
    public RiskKind Kind { get; set; }

    /// <summary>The product; null for all sales of the selection together.</summary>
    public string? ProductId { get; set; }

    /// <summary>From 0 to 100; null where the data do not say.</summary>
    public double? Score { get; set; }

    public RiskLevel Level { get; set; }

    /// <summary>What of it tells amounts, as it is stored: one encrypted token.</summary>
    [JsonIgnore]
    public byte[]? Amounts { get; set; }

    /// <summary>The figures the score is computed from: an array of <see cref="Driver"/>.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Drivers { get; set; } = "[]";

    /// <summary>What can be done: an array of sentences, empty where the risk is low.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Mitigations { get; set; } = "[]";

    /// <summary>From 0 to 1, by the days with demand.</summary>
    public double Confidence { get; set; }

    /// <summary>The day the risk is seen from, UTC.</summary>
    public DateTime AsOf { get; set; }

    /// <summary>Which sales it was made from: a JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Scope { get; set; } = "{}";
}

/// <summary>A figure behind a score.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Null where the data do not say.</param>
/// <param name="Unit">What it is counted in.</param>
public sealed record Driver(string Name, double? Value, string Unit);
