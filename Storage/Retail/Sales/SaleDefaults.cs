using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>What a sale gets that does not say.</summary>
public static class SaleDefaults
{
    /// <summary>The currency of the country whose rules the area checks.</summary>
    public const string Currency = "INR";

    /// <summary>Fills the currency (in upper case), puts the date into UTC at whole microseconds, makes empty texts null, and flags a price above the maximum retail price.</summary>
    public static void Fill(Sale sale)
    {
        sale.ProductName = Given(sale.ProductName);
        sale.Category = Given(sale.Category);
        sale.StoreId = Given(sale.StoreId);
        sale.InvoiceId = Given(sale.InvoiceId);
        sale.LineId = Given(sale.LineId);
        sale.Season = Given(sale.Season);
        sale.Currency = string.IsNullOrWhiteSpace(sale.Currency) ? Currency : Currencies.All.Contains(sale.Currency) ? sale.Currency : sale.Currency.Trim().ToUpperInvariant();
        sale.SoldAt = sale.SoldAt is { } at ? Instants.ToStored(at) : null;
        sale.AboveMrp = IsAboveMrp(sale);
    }

    /// <summary>Whether goods were sold above their printed price. A return is no sale, and a printed price of 0 is none.</summary>
    public static bool IsAboveMrp(Sale sale) => sale.Mrp is > 0 and var mrp && !sale.IsReturn && sale.UnitPrice > mrp;

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
