using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Api.Retail;

/// <summary>What requests and answers about sales look like in the OpenAPI document.</summary>
internal static class SaleExamples
{
    public static readonly SaleDraft Draft = new()
    {
        ProductId = "RICE-5KG",
        ProductName = "Basmati rice 5 kg",
        Category = "Staples",
        StoreId = "S1",
        InvoiceId = "INV-1042",
        LineId = "1",
        CustomerId = "C-17850",
        Quantity = 2,
        Mrp = 649,
        SellingPrice = 599.50m,
        Currency = "INR",
        SoldAt = new DateTime(2026, 3, 1, 11, 20, 0, DateTimeKind.Utc),
        Season = "summer",
        Metadata = """{"till":"3"}""",
    };

    public static readonly Sale Sale = Stored(Draft.ToSale());

    public static readonly Page<Sale> Page = new([Sale], null, 1);

    public static readonly BatchResult Batch = new(1, 0, 0, [Sale.Id]);

    public static readonly SaleTotals Totals = Sums();

    private static SaleTotals Sums()
    {
        var total = new SaleTotal { Key = "RICE-5KG", Currency = "INR", Rows = 1, UnitsSold = 2, Revenue = 1199, MrpValue = 1298, RevenueOfMrpGoods = 1199 };
        return new SaleTotals([total], [total with { Key = null }]);
    }

    private static Sale Stored(Sale sale)
    {
        sale.Id = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e1f");
        sale.CreatedAt = sale.UpdatedAt = new DateTime(2026, 3, 2, 8, 15, 0, DateTimeKind.Utc);
        sale.Revision = 1;
        return sale;
    }
}
