using System.Globalization;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>
/// What a sale must be, wherever it comes from: one request, a batch, a file, a stream or C#. A price above the maximum retail price breaks no rule here: it happened,
/// so it is kept, flagged, and reported by the compliance check. Nothing is allocated where the row is right.
/// </summary>
public static class SaleRules
{
    public const int LongestId = 256;
    public const int LongestName = 512;
    public const int LongestDimension = 256;
    public const int LongestSeason = 64;

    /// <summary>Goods ordered ahead are dated ahead; what is dated further was misread.</summary>
    public const int MostDaysAhead = 366;

    private static readonly DateTime Earliest = new(1950, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <param name="sale">With its defaults.</param>
    /// <param name="now">UTC.</param>
    /// <param name="report">Told each broken rule: the field, the rule's id and a sentence.</param>
    public static void Check(Sale sale, DateTime now, Action<string, string, string> report)
    {
        TextRules.Check("productId", sale.ProductId, LongestId, report, required: true);
        TextRules.Check("productName", sale.ProductName, LongestName, report);
        TextRules.Check("category", sale.Category, LongestDimension, report);
        TextRules.Check("storeId", sale.StoreId, LongestDimension, report);
        TextRules.Check("invoiceId", sale.InvoiceId, LongestId, report);
        TextRules.Check("lineId", sale.LineId, LongestId, report);
        TextRules.Check("customerId", sale.CustomerId, LongestId, report);
        TextRules.Check("season", sale.Season, LongestSeason, report);
        NumberRules.Check("mrp", sale.Mrp, report);
        NumberRules.Check("sellingPrice", sale.SellingPrice, report);
        CheckAmount(sale, report);
        Currencies.Check("currency", sale.Currency, report);
        CheckDate(sale.SoldAt, now, report);
        JsonRules.CheckObject("metadata", sale.Metadata, report);
    }

    private static void CheckAmount(Sale sale, Action<string, string, string> report)
    {
        if (Math.Abs(sale.Quantity ?? 0) > NumberRules.LargestCount)
        {
            report("quantity", "range", $"quantity must be at most {NumberRules.LargestCount}; it is {Plain(sale.Quantity!.Value)}.");
        }

        if (Math.Abs(sale.Amount ?? 0) > NumberRules.LargestAmount)
        {
            report("amount", "range", $"amount must be at most {NumberRules.LargestAmount}.");
        }
        else if (sale.Quantity is { } quantity && sale.Amount is { } amount && Math.Sign(quantity) * Math.Sign(amount) < 0)
        {
            report("amount", "sign", $"amount and quantity must both be negative, for a return, or neither; quantity is {Plain(quantity)}.");
        }
    }

    private static void CheckDate(DateTime? soldAt, DateTime now, Action<string, string, string> report)
    {
        if (soldAt is { } at && (at < Earliest || at > now.AddDays(MostDaysAhead)))
        {
            report("soldAt", "range", $"soldAt must be from 1950 to {MostDaysAhead} days from now; it is {at:yyyy-MM-dd}.");
        }
    }

    private static string Plain(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
