using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>Which sales a request is about; what is absent does not narrow them.</summary>
public record SaleSelection
{
    /// <summary>Up to 500 product ids.</summary>
    public IReadOnlyList<string>? Products { get; init; }

    public string? Category { get; init; }

    public string? StoreId { get; init; }

    /// <summary>ISO 4217; needed where money is summed and the sales are in several currencies.</summary>
    public string? Currency { get; init; }

    /// <summary>The first day or instant; UTC where it has no offset.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? From { get; init; }

    /// <summary>The day or instant behind the last.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? Before { get; init; }

    public SaleFilter ToFilter()
    {
        var filter = new SaleFilter { Products = [.. (Products ?? []).Where(p => !string.IsNullOrEmpty(p))], Category = Category, StoreId = StoreId, Currency = Currency, From = From, Before = Before };
        filter.RequireFewProducts("products");
        return filter;
    }
}
