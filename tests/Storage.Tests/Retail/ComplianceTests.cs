using System.Text.Json;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Retail;

public sealed class ComplianceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Sales_above_the_printed_price_are_found_with_their_amounts(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var sales = store.Get<SaleService>();
        await sales.ImportAsync(
        [
            new() { ProductId = "good", Quantity = 5, Mrp = 100, SellingPrice = 100 },
            new() { ProductId = "bad", InvoiceId = "1", Quantity = 3, Mrp = 100, SellingPrice = 102.50m },
            new() { ProductId = "bad", InvoiceId = "2", Quantity = 1, Mrp = 100, SellingPrice = 99 },
            new() { ProductId = "bad", InvoiceId = "3", Quantity = 1, Mrp = 100, SellingPrice = 110, Currency = "USD" },
            // What comes back is no sale, and without a printed price there is nothing to compare.
            new() { ProductId = "bad", InvoiceId = "4", Quantity = -1, Mrp = 100, SellingPrice = 110 },
            new() { ProductId = "loose", Quantity = 1, SellingPrice = 10 },
        ], cancellationToken: Token);
        var compliance = store.Get<ComplianceService>();
        var results = await compliance.CheckAsync(new SaleFilter(), Token);
        Assert.Equal([(null, Verdict.Violated, 4L, 1L, 2L), ("bad", Verdict.Violated, 3L, 0L, 2L)],
            results.Select(r => (r.ProductId, r.Verdict, r.SalesChecked, r.SalesUnchecked, r.ViolationCount)));
        var report = JsonDocument.Parse(results[1].Violations).RootElement;
        Assert.Equal((7.5m, 10m), (report.GetProperty("overcharge").GetProperty("INR").GetDecimal(), report.GetProperty("overcharge").GetProperty("USD").GetDecimal()));
        var worst = report.GetProperty("worst")[0];
        Assert.Equal((110m, 100m, 10m), (worst.GetProperty("price").GetDecimal(), worst.GetProperty("mrp").GetDecimal(), worst.GetProperty("overcharge").GetDecimal()));
        Assert.EndsWith($"{(await sales.ListAsync(new SaleFilter { InvoiceId = "3" }, Page, Token)).Items[0].Id}", worst.GetProperty("sale").GetString());
        Assert.Equal(2, (await sales.ListAsync(new SaleFilter { AboveMrp = true }, Page, Token)).Items.Count);

        Assert.Equal(Verdict.Compliant, Assert.Single(await compliance.CheckAsync(new SaleFilter { Products = ["good"] }, Token)).Verdict);
        Assert.Equal(Verdict.NotChecked, Assert.Single(await compliance.CheckAsync(new SaleFilter { Products = ["loose"] }, Token)).Verdict);
        Assert.Equal(4, (await compliance.ListAsync(null, null, Page, Token)).Items.Count);
        Assert.Single((await compliance.ListAsync("bad", Verdict.Violated, Page, Token)).Items);
    }

    [Fact]
    public async Task Of_many_violations_the_count_and_the_sum_are_of_all_and_the_list_is_of_the_worst()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        // More than one part of a parallel read.
        await store.Get<SaleService>().ImportAsync(Enumerable.Range(1, 50_000).Select(i => new SaleDraft { ProductId = $"p{i % 3}", InvoiceId = $"{i}", Quantity = 1, Mrp = 100, SellingPrice = i % 100 == 0 ? 100 + i : 90 }), cancellationToken: Token);
        var all = (await store.Get<ComplianceService>().CheckAsync(new SaleFilter(), Token))[0];
        Assert.Equal((500, 50_000), (all.ViolationCount, all.SalesChecked));
        var report = JsonDocument.Parse(all.Violations).RootElement;
        // 100 x (1 + ... + 500)
        Assert.Equal(12_525_000m, report.GetProperty("overcharge").GetProperty("INR").GetDecimal());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => 50_000m - (100 * i)), report.GetProperty("worst").EnumerateArray().Select(w => w.GetProperty("overcharge").GetDecimal()));
    }

    private static PageRequest Page => new(null, null, null, false, "t");
}
