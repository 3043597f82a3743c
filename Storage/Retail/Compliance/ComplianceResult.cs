using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Compliance;

/// <summary>Whether sales kept a rule.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Verdict>))]
public enum Verdict
{
    Compliant,
    Violated,

    /// <summary>No sale had both a printed price and a selling price.</summary>
    NotChecked,
}

/// <summary>What a check of the maximum retail price found: for one product that was sold above it, or for all sales of the check together.</summary>
public sealed class ComplianceResult : Record
{
    /// <summary>One id for all results of a check.</summary>
    public Guid CheckId { get; set; }

    /// <summary>Null in the result for all sales of the check.</summary>
    public string? ProductId { get; set; }

    /// <summary>See <see cref="ComplianceService.Rule"/>.</summary>
    public string Rule { get; set; } = "";

    public Verdict Verdict { get; set; }

    /// <summary>Sales with a printed price and a selling price.</summary>
    public long SalesChecked { get; set; }

    /// <summary>Sales that lack one of them. Returns are no sales.</summary>
    public long SalesUnchecked { get; set; }

    public long ViolationCount { get; set; }

    /// <summary>What of it tells amounts, as it is stored: one encrypted token.</summary>
    [JsonIgnore]
    public byte[]? Amounts { get; set; }

    /// <summary>A JSON object with the amounts: <see cref="ViolationReport"/>.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Violations { get; set; } = "{}";

    /// <summary>Which sales were checked: a JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Scope { get; set; } = "{}";

    /// <summary>UTC.</summary>
    public DateTime CheckedAt { get; set; }
}

/// <summary>The amounts of violations.</summary>
/// <param name="Overcharge">What was taken above the printed price, by currency.</param>
/// <param name="Worst">The sales with the greatest amounts, up to 20; the others are the sales listed with <c>aboveMrp=true</c>.</param>
public sealed record ViolationReport(IReadOnlyDictionary<string, decimal> Overcharge, IReadOnlyList<Violation> Worst);

/// <summary>One sale above the printed price.</summary>
/// <param name="Sale">The sale's path in the API.</param>
/// <param name="ProductId">What was sold.</param>
/// <param name="SoldAt">UTC.</param>
/// <param name="Quantity">1 where the source does not say.</param>
/// <param name="Mrp">Of one unit.</param>
/// <param name="Price">Of one unit.</param>
/// <param name="Overcharge">(price - mrp) x quantity.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record Violation(string Sale, string ProductId, DateTime? SoldAt, decimal Quantity, decimal Mrp, decimal Price, decimal Overcharge, string Currency);
