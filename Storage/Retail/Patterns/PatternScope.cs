using System.Globalization;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>Which patterns: of what, measured how, and from which sales.</summary>
public sealed record PatternScope(PatternKind Kind, PatternMeasure Measure, SaleFilter Sales)
{
    /// <summary>The natural key of a subject's pattern.</summary>
    public string KeyOf(string subject)
    {
        var key = new KeyWriter(stackalloc char[KeyWriter.Initial]);
        key.Append(Kind == PatternKind.Product ? "product" : "category");
        key.Separate();
        key.Append(Measure == PatternMeasure.Units ? "units" : "revenue");
        key.Separate();
        key.Append(subject);
        // Each in its place, so that a store is not taken for a currency of its name.
        foreach (var part in (string?[])[Sales.StoreId, Sales.Currency, Kind == PatternKind.Product ? Sales.Category : null, Text(Sales.From), Text(Sales.Before)])
        {
            key.Separate();
            key.Append(part);
        }

        // Of a product's own pattern the products of the selection say nothing: they say which patterns are made.
        foreach (var product in Sales.Products.Where(_ => Kind == PatternKind.Category).Order(StringComparer.Ordinal))
        {
            key.Separate();
            key.Append(product);
        }

        return key.ToKey();
    }

    private static string? Text(DateTime? instant) => instant?.Ticks.ToString(CultureInfo.InvariantCulture);
}
