using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Tests.Retail;

public sealed class SaleRulesTests
{
    private static readonly DateTime Now = new(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc);
    private static readonly SaleDraft Good = new() { ProductId = "p", Quantity = 2, Mrp = 100, SellingPrice = 90, SoldAt = Now };

    [Fact]
    public void A_usual_sale_a_return_and_a_sale_above_the_printed_price_break_no_rule()
    {
        Assert.Empty(Broken(Good));
        Assert.Empty(Broken(Good with { Quantity = -2 }));
        Assert.Empty(Broken(Good with { SellingPrice = 120 }));
        Assert.Empty(Broken(Good with { Amount = 180 }));
        Assert.Empty(Broken(new SaleDraft { ProductId = "p", Amount = -5 }));
        Assert.Empty(Broken(Good with { SellingPrice = 0, Currency = "gbp" }));
    }

    [Theory]
    [InlineData(1900, "soldAt range")]
    [InlineData(1949, "soldAt range")]
    [InlineData(1950, "")]
    [InlineData(2026, "")]
    [InlineData(2028, "soldAt range")]
    [InlineData(2999, "soldAt range")]
    public void A_date_long_past_or_far_ahead_is_refused(int year, string broken) =>
        Assert.Equal(broken, string.Join(';', Broken(Good with { SoldAt = new DateTime(year, 6, 1, 0, 0, 0, DateTimeKind.Utc) })));

    [Fact]
    public void What_cannot_be_is_refused_by_field_and_rule()
    {
        Assert.Equal(["productId required"], Broken(Good with { ProductId = "" }));
        Assert.Equal(["sellingPrice not-negative"], Broken(Good with { SellingPrice = -1 }));
        // Not even a return has a negative price.
        Assert.Equal(["sellingPrice not-negative"], Broken(Good with { SellingPrice = -1, Quantity = -1 }));
        Assert.Equal(["mrp not-negative"], Broken(Good with { Mrp = -1 }));
        Assert.Equal(["amount sign"], Broken(Good with { Amount = -1 }));
        Assert.Equal(["amount sign"], Broken(Good with { Amount = 1, Quantity = -1 }));
        Assert.Equal(["quantity range"], Broken(Good with { Quantity = -2_000_000_000_000 }));
        Assert.Equal(["currency currency"], Broken(Good with { Currency = "XYZ" }));
        Assert.Equal(["currency currency"], Broken(Good with { Currency = "₹" }));
        Assert.Equal(["metadata type"], Broken(Good with { Metadata = "[1]" }));
        Assert.Equal(["category no-control-characters"], Broken(Good with { Category = "a\u0092b" }));
    }

    [Theory]
    [InlineData(2.0, 100.0, 100.01, null, true)]
    [InlineData(2.0, 100.0, 100.0, null, false)]
    [InlineData(-2.0, 100.0, 120.0, null, false)]
    [InlineData(2.0, 0.0, 120.0, null, false)]
    [InlineData(4.0, 100.0, null, 404.0, true)]
    [InlineData(4.0, 100.0, null, 400.0, false)]
    [InlineData(null, 100.0, null, 400.0, false)]
    public void The_flag_says_whether_goods_were_sold_above_their_printed_price(double? quantity, double? mrp, double? price, double? amount, bool above) =>
        Assert.Equal(above, new SaleDraft { ProductId = "p", Quantity = (decimal?)quantity, Mrp = (decimal?)mrp, SellingPrice = (decimal?)price, Amount = (decimal?)amount }.ToSale().AboveMrp);

    [Fact]
    public void A_key_has_each_part_in_its_place_and_no_price_in_it()
    {
        var sale = Good with { InvoiceId = "i|1", StoreId = "s", Mrp = 12345.67m, SellingPrice = 9876.54m, Quantity = 2.50m };
        Assert.Equal("i\\|1||p|s|2026-01-31T00:00:00|2.5", sale.ToSale().NaturalKey);
        Assert.NotEqual((Good with { InvoiceId = "x" }).ToSale().NaturalKey, (Good with { LineId = "x" }).ToSale().NaturalKey);
    }

    private static string[] Broken(SaleDraft draft)
    {
        var broken = new List<string>();
        SaleRules.Check(draft.ToSale(), Now, (field, rule, _) => broken.Add($"{field} {rule}"));
        return [.. broken];
    }
}
