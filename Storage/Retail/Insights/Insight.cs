using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Insights;

/// <summary>What an insight is about.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<InsightType>))]
public enum InsightType
{
    TopProduct,
    Returns,
    BestWeekday,
    AboveMrp,
    HeadroomUnderMrp,
}

/// <summary>A sentence about sales, with the figures it rests on. Each of them can be fetched again and the sentence's own figure computed from them.</summary>
public sealed class Insight : Record
{
    public InsightType Type { get; set; }

    public string Text { get; set; } = "";

    /// <summary>From 0 to 1: the credibility of the days with sales.</summary>
    public double Confidence { get; set; }

    /// <summary>What of it tells amounts, as it is stored: one encrypted token.</summary>
    [JsonIgnore]
    public byte[]? Amounts { get; set; }

    /// <summary>The figures, where they come from and how they make the sentence's: <see cref="Insights.Evidence"/>.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Evidence { get; set; } = "{}";

    /// <summary>What can be done: an array of sentences.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Actions { get; set; } = "[]";
}

/// <summary>What an insight rests on.</summary>
/// <param name="Value">The figure that the text states.</param>
/// <param name="Formula">How it follows from the figures, by their names.</param>
/// <param name="Figures">The figures.</param>
/// <param name="Rows">A path that lists the sales behind them.</param>
public sealed record Evidence(decimal Value, string Formula, IReadOnlyList<Figure> Figures, string Rows);

/// <summary>A figure and where it comes from.</summary>
/// <param name="Name">As in the formula.</param>
/// <param name="Value">When the insight was made.</param>
/// <param name="Link">A path of this API that answers with it.</param>
/// <param name="Pointer">Where in that answer it stands (RFC 6901).</param>
public sealed record Figure(string Name, decimal Value, string Link, string Pointer);
