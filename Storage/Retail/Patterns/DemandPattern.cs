using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>
/// How a product's or a category's demand goes: by weekday, by month, over the years, and how evenly. Everything in it is a ratio or a count of units, never an amount of
/// money. What the data do not carry is null, and <see cref="Notes"/> say why.
/// </summary>
public sealed class DemandPattern : Record
{
    /// <summary>Kind, measure, subject and what else narrows the sales: one pattern each.</summary>
    [JsonIgnore]
    public string NaturalKey { get; set; } = "";

    public PatternKind Kind { get; set; }

    /// <summary>The productId or the category.</summary>
    public string Subject { get; set; } = "";

    public PatternMeasure Measure { get; set; }

    /// <summary>Of this store only; null for all stores.</summary>
    public string? StoreId { get; set; }

    /// <summary>Seven factors from Monday to Sunday, 1 on average: 1.2 is a fifth above an average day.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? DayOfWeek { get; set; }

    /// <summary>Twelve factors from January, 1 on average, of demand per day.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Month { get; set; }

    /// <summary>Median units of a week; null for revenue.</summary>
    public double? Level { get; set; }

    /// <summary>Change from week to week as a fraction of the median week.</summary>
    public double? TrendPerWeek { get; set; }

    /// <summary>Lower end of the trend's 95 % interval.</summary>
    public double? TrendLow { get; set; }

    /// <summary>Upper end of the trend's 95 % interval.</summary>
    public double? TrendHigh { get; set; }

    public DemandClass? DemandClass { get; set; }

    /// <summary>Average inter-demand interval: days for each day with demand.</summary>
    public double? Adi { get; set; }

    /// <summary>Squared coefficient of variation of the days with demand.</summary>
    public double? Cv2 { get; set; }

    /// <summary>Days with demand.</summary>
    public int SampleSize { get; set; }

    /// <summary>Days from the first to the last sale.</summary>
    public int Days { get; set; }

    /// <summary>From 0 to 1: <see cref="Credibility.Of"/> the sample size.</summary>
    public double Confidence { get; set; }

    /// <summary>What could not be told, and why: an array of sentences.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Notes { get; set; } = "[]";

    /// <summary>Which sales it was made from: a JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Scope { get; set; } = "{}";

    /// <summary>The first day of the sales it was made from, UTC.</summary>
    public DateTime? ValidFrom { get; set; }

    /// <summary>The last day of the sales it was made from, UTC.</summary>
    public DateTime? ValidTo { get; set; }

    /// <summary>The state of the sales it was made from; where the sales' state differs, it is out of date.</summary>
    [JsonIgnore]
    public string SalesVersion { get; set; } = "";
}

/// <summary>What a pattern is about.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PatternKind>))]
public enum PatternKind
{
    Product,
    Category,
}

/// <summary>What is counted.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<PatternMeasure>))]
public enum PatternMeasure
{
    /// <summary>Quantities, less what came back on the same day.</summary>
    Units,

    /// <summary>Money, less what was given back on the same day.</summary>
    Revenue,
}

/// <summary>How evenly demand comes, by Syntetos, Boylan and Croston.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<DemandClass>))]
public enum DemandClass
{
    /// <summary>Often, and of like size.</summary>
    Smooth,

    /// <summary>Often, of very different size.</summary>
    Erratic,

    /// <summary>Seldom, of like size.</summary>
    Intermittent,

    /// <summary>Seldom, and of very different size.</summary>
    Lumpy,
}
