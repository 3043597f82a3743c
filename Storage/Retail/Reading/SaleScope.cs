using System.Text.Json;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Reading;

/// <summary>A filter as it is kept with what was made from its sales, and as a query string that lists them again.</summary>
/// <param name="Products">Empty for all.</param>
/// <param name="Category">Null for all.</param>
/// <param name="Store">Null for all.</param>
/// <param name="Currency">Null for all.</param>
/// <param name="From">UTC, inclusive.</param>
/// <param name="Before">UTC, exclusive.</param>
public sealed record SaleScope(IReadOnlyList<string> Products, string? Category, string? Store, string? Currency, DateTime? From, DateTime? Before)
{
    public static SaleScope Of(SaleFilter filter) => new(filter.Products, filter.Category, filter.StoreId, filter.Currency, filter.From, filter.Before);

    public static string Json(SaleFilter filter) => JsonSerializer.Serialize(Of(filter), RetailJson.Default.SaleScope);

    /// <summary>The parameters of <c>/v1/retail/sales</c> and its totals, each with a leading <c>&amp;</c>.</summary>
    public static string Query(SaleFilter filter)
    {
        var parts = filter.Products.Select(p => ("product", (string?)p)).Append(("category", filter.Category)).Append(("store", filter.StoreId)).Append(("currency", filter.Currency))
            .Append(("from", filter.From?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture)))
            .Append(("to", filter.Before?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture)));
        return string.Concat(parts.Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => $"&{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
    }
}
