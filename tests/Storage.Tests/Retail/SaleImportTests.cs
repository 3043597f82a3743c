using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Streams;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Retail;

/// <summary>What files of sales become.</summary>
public sealed class SaleImportTests
{
    private static readonly ImportOptions Sales = new() { Target = "retail.sales" };

    [Theory]
    [EachDatabase]
    public async Task Bad_rows_are_rejected_with_their_reasons_and_a_price_above_the_mrp_is_counted(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var job = await store.LoadAsync("""
            Invoice No,SKU,Qty,MRP,Price,Currency,Date
            1,a,2,"₹1,299.00",₹ 999.50,INR,2026-01-05
            2,b,1,"Rs. 1,00,000","98,000.00",inr,2026-01-05
            3,c,1,100,120,INR,2026-01-05
            C4,a,-1,100,90,INR,2026-01-06
            5,d,1,100,-90,INR,2026-01-06
            6,e,1,100,90,QQQ,2026-01-06
            7,f,1,100,90,INR,1900-01-01
            8,g,1,100,90,INR,2999-01-01
            9,,1,100,90,INR,2026-01-06
            10,h,1,abc,90,INR,2026-01-06
            11,i,1,Nill,90,,2026-01-06
            """, Sales);
        Assert.Equal((ImportStatus.Succeeded, (11L, 5L, 0L, 0L, 6L), 1L), (job.Status, ImportStore.Counts(job), job.RowsFlagged));
        var rows = await SalesAsync(store);
        Assert.Equal([(1299m, 999.5m), (100m, 120m), (100m, 90m), (100_000m, 98_000m), (null, 90m)], rows.OrderBy(r => r.ProductId switch { "a" => r.Quantity > 0 ? 0 : 2, "c" => 1, "b" => 3, _ => 4 }).Select(r => (r.Mrp, r.SellingPrice ?? 0)));
        Assert.All(rows, r => Assert.Equal("INR", r.Currency));
        Assert.Equal(["c"], rows.Where(r => r.AboveMrp).Select(r => r.ProductId));
        Assert.Equal(["a"], rows.Where(r => r.IsReturn).Select(r => r.ProductId));
        var rejects = await store.RejectsAsync(job);
        foreach (var reason in (string[])["sellingPrice must not be negative", "currency code of ISO 4217", "it is 1900-01-01", "it is 2999-01-01", "productId is missing", "'abc' is not a number"])
        {
            Assert.Contains(reason, rejects);
        }
    }

    [Fact]
    public async Task A_price_that_can_be_read_in_two_ways_is_rejected_where_the_column_does_not_tell()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync("sku,price\na,\"1,299\"\nb,\"2,499\"\n", Sales);
        Assert.Equal((2, 0, 0, 0, 2), ImportStore.Counts(job));
        Assert.Contains("thousands", await store.RejectsAsync(job));
        job = await store.LoadAsync("sku,price\na,\"1,299\"\nb,\"2,499.00\"\n", Sales);
        Assert.Equal((2, 2, 0, 0, 0), ImportStore.Counts(job));
        Assert.Equal([1299m, 2499m], (await SalesAsync(store)).OrderBy(s => s.ProductId).Select(s => s.SellingPrice));
    }

    [Theory]
    [EachDatabase]
    public async Task A_later_file_replaces_all_amounts_of_a_sale_and_its_flag(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        await store.LoadAsync("invoice,sku,qty,mrp,price\n1,a,1,100,120\n", Sales);
        Assert.True(Assert.Single(await SalesAsync(store)).AboveMrp);
        var job = await store.LoadAsync("invoice,sku,qty,price\n1,a,1,90\n", Sales);
        Assert.Equal((1, 0, 1, 0, 0), ImportStore.Counts(job));
        var sale = Assert.Single(await SalesAsync(store));
        Assert.Equal((null, 90m, false), (sale.Mrp, sale.SellingPrice, sale.AboveMrp));
    }

    [Fact]
    public async Task Prices_in_paise_are_scaled_and_what_cannot_be_scaled_is_named()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        await store.LoadAsync("sku,mrp,price\na,2500,2150\n", Sales with { Scale = new Dictionary<string, decimal> { ["mrp"] = 0.01m, ["sellingPrice"] = 0.01m } });
        var sale = Assert.Single(await SalesAsync(store));
        Assert.Equal((25m, 21.5m), (sale.Mrp, sale.SellingPrice));
        await RefusedAsync(store, new ImportOptions { Scale = new Dictionary<string, decimal> { ["nope"] = 1 } }, "scale", "known-field");
        await RefusedAsync(store, new ImportOptions { Scale = new Dictionary<string, decimal> { ["productId"] = 1 } }, "scale", "decimal-field");
        foreach (var bad in (string[])["mrp:0", "mrp:-1", "mrp:x", "mrp:1,000", "mrp"])
        {
            var query = new Microsoft.AspNetCore.Http.QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues> { ["scale"] = bad });
            Assert.Equal("scale", Assert.Throws<ProblemException>(() => ImportQuery.Parse("retail.sales", query)).Errors[0].Field);
        }
    }

    [Theory]
    [EachDatabase]
    public async Task A_price_tells_rows_apart_by_a_hash_in_the_key_whatever_the_file_calls_it(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        const string file = "sku,Unit Price,Qty\na,98765.40,1\na,98765.4,1\na,12345.00,1\nb,98765.40,1\nb,,1\n";
        foreach (var (tenant, key) in new[] { ("acme", "sellingPrice"), ("other", "Unit Price") })
        {
            var job = await store.LoadAsync(Encoding.UTF8.GetBytes(file), Sales with { Key = ["productId", key] }, tenant);
            Assert.Equal((5, 4, 1, 0, 0), ImportStore.Counts(job));
            job = await store.LoadAsync(Encoding.UTF8.GetBytes(file), Sales with { Key = ["productId", key], Force = true }, tenant);
            Assert.Equal((5, 0, 5, 0, 0), ImportStore.Counts(job));
        }

        var keys = (await SalesAsync(store)).Select(s => s.NaturalKey).ToList();
        var others = await store.AsAsync<StoreContext, List<string>>(c => c.Set<Sale>().AsNoTracking().Select(s => s.NaturalKey).ToListAsync(TestContext.Current.CancellationToken), "other");
        // Neither a price nor which prices are equal shows, nor is a tenant's hash another's.
        Assert.All(keys.Concat(others), k => Assert.Matches(@"^[ab]\|h-[0-9a-f]{32}$", k));
        Assert.Equal(8, keys.Concat(others).Select(k => k[2..]).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_s_prices_tell_rows_apart_as_a_file_s_do()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var options = Sales with { Key = ["productId", "sellingPrice"] };
        await store.LoadAsync("sku,price\na,1.50\n", options);
        using var lines = new MemoryStream(Encoding.UTF8.GetBytes("{\"sku\":\"a\",\"price\":1.5}\n{\"sku\":\"a\",\"price\":2}\n"));
        var acks = new List<StreamAck>();
        await store.AsAsync<StreamLoader, int>(async loader =>
        {
            var plan = ImportPlan.Create(store.Services.GetRequiredService<ImportTargets>().Get("retail.sales"), options);
            await loader.LoadAsync(plan, lines, new StreamSettings(), ack => { acks.Add(ack); return Task.CompletedTask; }, CancellationToken.None, TestContext.Current.CancellationToken);
            return 0;
        });
        Assert.Equal((1, 1), (acks.Sum(a => a.Loaded), acks.Sum(a => a.Updated)));
    }

    [Fact]
    public async Task Encrypted_prices_are_decrypted_on_the_way_in()
    {
        var key = FernetKey.Generate();
        var cipher = new MultiFernet([key], TimeProvider.System);
        await using var store = await ImportStore.OpenAsync(Database.Sqlite, configure: s => s.Configure<FernetOptions>(o => o.FernetKeys.Add(key.Export())));
        var token = cipher.Encrypt("119.00");
        var job = await store.LoadAsync($"sku,mrp,price\na,120,{token}\nb,120,{token[..40]}\n", Sales with { Decrypt = ["price"] });
        Assert.Equal((2, 1, 0, 0, 1), ImportStore.Counts(job));
        Assert.Equal(119m, Assert.Single(await SalesAsync(store)).SellingPrice);
        Assert.StartsWith("3,price,", (await store.RejectsAsync(job)).Split('\n')[1]);
    }

    [Theory]
    [InlineData("index,Order ID,Date,Status,SKU,Category,ASIN,Qty,currency,Amount\n0,405-80,04-30-22,Shipped,SET389,Set,B09K,2,INR,647.62\n", "SET389 2 647.62 2022-04-30 405-80 0")]
    [InlineData("index,DATE,Months,CUSTOMER,Style,SKU,Size,PCS,RATE,GROSS AMT\n0,06-15-21,Jun-21,REVATHY,MEN5004,MEN5004-L,L,3.00,616.56,1849.68\n", "MEN5004-L 3 1849.68 2021-06-15  0")]
    [InlineData("Order_ID;Product ID;Quantity Ordered;Price Each;Order Date\n17;usb-c;2;11,95;19.04.2019 08:46\n", "usb-c 2 23.90 2019-04-19 17 ")]
    [InlineData("item_code|selling price (INR)|M.R.P.|sold_date\nX1|₹ 1,099.00|₹ 1,299.00|2024/02/29\n", "X1   2024-02-29  ")]
    public async Task Exports_of_other_makers_are_understood_by_their_headers(string file, string expected)
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync(file, Sales);
        Assert.True(job.RowsLoaded == 1, $"{job.Error}{await store.RejectsAsync(job)}");
        var sale = Assert.Single(await SalesAsync(store));
        Assert.True(sale.UnitPrice > 0 || sale.Mrp > 0);
        Assert.Equal(expected, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sale.ProductId} {sale.Quantity:0.##} {sale.Revenue:0.00} {sale.SoldAt:yyyy-MM-dd} {sale.InvoiceId} {sale.LineId}"));
    }

    [Fact]
    public async Task Windows_quotes_read_as_control_characters_become_what_was_meant()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync("sku,name,price\na,Lay\u0092s \u0080,10\n", Sales);
        Assert.Equal((1, 1, 0, 0, 0), ImportStore.Counts(job));
        Assert.Equal("Lay’s €", Assert.Single(await SalesAsync(store)).ProductName);
    }

    private static async Task RefusedAsync(ImportStore store, ImportOptions options, string field, string rule)
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(() => store.EnqueueAsync("sku,Unit Price\na,1\n", options with { Target = "retail.sales" }));
        Assert.Equal((field, rule), (refused.Errors[0].Field, refused.Errors[0].Rule));
    }

    private static Task<Sale[]> SalesAsync(ImportStore store) =>
        store.AsAsync<StoreContext, Sale[]>(c => c.Set<Sale>().AsNoTracking().OrderBy(s => s.NaturalKey).ToArrayAsync(TestContext.Current.CancellationToken));
}
