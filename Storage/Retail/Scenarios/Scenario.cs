using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Scenarios;

/// <summary>What is changed in a scenario.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ScenarioKind>))]
public enum ScenarioKind
{
    /// <summary>The price of one product, for the whole time.</summary>
    PriceChange,

    /// <summary>The demand, whatever the reason.</summary>
    DemandShift,

    /// <summary>The price of one product, for some days.</summary>
    Promotion,
}

/// <summary>What would be if: a baseline from the sales that were, and an outcome that follows from it by stated formulas.</summary>
public sealed class Scenario : Record
{
    public string Name { get; set; } = "";

    public ScenarioKind Kind { get; set; }

    /// <summary>What was asked: a <see cref="ScenarioDraft"/>.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Parameters { get; set; } = "{}";

    /// <summary>What of it tells amounts, as it is stored: one encrypted token.</summary>
    [JsonIgnore]
    public byte[]? Amounts { get; set; }

    /// <summary>What the next days bring if nothing changes: <see cref="ScenarioFigures"/>.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Baseline { get; set; } = "{}";

    /// <summary>What they bring with the change: <see cref="ScenarioOutcome"/>.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Outcome { get; set; } = "{}";

    /// <summary>From 0 to 1: the baseline's credibility; for prices times 1 - standard error / |elasticity|, at least 0.</summary>
    public double Confidence { get; set; }
}

/// <summary>What is asked of a scenario.</summary>
public sealed record ScenarioDraft
{
    /// <summary>Needed; up to 200 characters.</summary>
    public string? Name { get; init; }

    public ScenarioKind Kind { get; init; }

    /// <summary>The product; needed for prices. Without it all sales of the selection.</summary>
    public string? ProductId { get; init; }

    public string? Category { get; init; }

    public string? StoreId { get; init; }

    /// <summary>Needed where the sales are in several.</summary>
    public string? Currency { get; init; }

    /// <summary>The first instant of the sales that are learnt from.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? From { get; init; }

    /// <summary>The instant behind them.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? Before { get; init; }

    /// <summary>Days looked ahead: 1 to 366; 28 where absent.</summary>
    public int? Days { get; init; }

    /// <summary>By how many percent the price or the demand changes; -100 to 1,000, not included.</summary>
    public double? ChangePercent { get; init; }

    /// <summary>Of a promotion: the days it lasts, of the days looked ahead.</summary>
    public int? PromotionDays { get; init; }

    /// <summary>Of a promotion: by how many percent it lifts the units of a day; estimated from the elasticity where absent.</summary>
    public double? UpliftPercent { get; init; }
}

/// <summary>Units and money of some days.</summary>
/// <param name="Days">How many days.</param>
/// <param name="Units">Of all these days.</param>
/// <param name="Revenue">Of all these days.</param>
/// <param name="AveragePrice">Revenue by units; null without units.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="LearntFromDays">Days of the sales that were learnt from, those without a sale included.</param>
public sealed record ScenarioFigures(int Days, double Units, double Revenue, double? AveragePrice, string? Currency, int LearntFromDays);

/// <summary>What comes of the change.</summary>
/// <param name="Figures">Expected.</param>
/// <param name="UnitsLow">Lower end of the 95 % interval of the units, from the elasticity's standard error; null without an elasticity.</param>
/// <param name="UnitsHigh">Upper end.</param>
/// <param name="Elasticity">What it was computed with; null without prices.</param>
/// <param name="Notes">What to know before it is believed.</param>
public sealed record ScenarioOutcome(ScenarioFigures Figures, double? UnitsLow, double? UnitsHigh, PriceElasticity? Elasticity, IReadOnlyList<string> Notes);
