using System.Text.Json;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace CloudStore.Storage.Tests.Retail;

/// <summary>
/// The files of docs/retail.md by the lines it shows. What is expected was computed from the same files by a Python script of its own (csv and decimal): rows with the same key replace
/// each other, rows that break a rule are left out, revenue is the amount, else quantity times price.
/// </summary>
public sealed class RealFileTests
{
    private static readonly Dictionary<string, Load> Loads = new()
    {
        ["online_retail_2010_2011.csv.gz"] = new("set=currency:GBP", (541_909, 536_478, 5_429, 0, 2), "GBP", 9_749_146.054m, 5_644_438, 481_689, 0),
        ["online_retail_by_day/2010-12-01.csv"] = new("set=currency:GBP", (3_108, 3_063, 45, 0, 0), "GBP", 58_450.31m, 26_905, 193, 0),
        ["bigmart_train.csv"] = new("", (8_523, 8_523, 0, 0, 0), "INR", 18_591_125.4104m, 0, 0, 0),
        ["zepto_inventory.csv"] = new("map=productId:Name&set=quantity:1&scale=mrp:0.01,sellingPrice:0.01&key=Category,Name,WeightInGms,AvailableQuantity,DiscountPercent,Quantity",
            (3_732, 3_729, 3, 0, 0), "INR", 529_156.6m, 3_729, 0, 584_632),
        ["supermarket_sales.csv"] = new("map=productId:Product line&set=currency:MMK", (1_000, 1_000, 0, 0, 0), "MMK", 322_966.749m, 5_510, 0, 0),
        ["superstore_orders.csv"] = new("set=currency:USD", (9_994, 9_994, 0, 0, 0), "USD", 2_297_200.8603m, 37_873, 0, 0),
        ["walmart_weekly_45_stores.csv"] = new("set=productId:all,currency:USD", (6_435, 6_435, 0, 0, 0), "USD", 6_737_218_987.11m, 0, 0, 0),
        ["marketplace_mrp_march_2021.csv"] = new("map=mrp:Amazon MRP,sellingPrice:TP 2&set=quantity:1,storeId:Amazon", (1_330, 1_324, 0, 0, 6), "INR", 622_110.33m, 1_324, 0, 2_906_391.45m),
    };

    public static MatrixTheoryData<string, Database> Files() => new(Loads.Keys, Enum.GetValues<Database>());

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_real_file_loads_to_the_sums_that_another_program_finds_in_it(string file, Database database)
    {
        var load = Loads[file];
        var content = await File.ReadAllBytesAsync(SharedData.File($"retail/{file}"), TestContext.Current.CancellationToken);
        await using var store = await ImportStore.OpenAsync(database);
        var options = ImportQuery.Parse("retail.sales", new QueryCollection(QueryHelpers.ParseQuery(load.Options)));
        var job = await store.LoadAsync(content, options);
        Assert.True(job.Status == ImportStatus.Succeeded, job.Error);
        Assert.Equal(load.Counts, ImportStore.Counts(job));
        Assert.Equal(0, job.RowsFlagged);
        var totals = await store.AsAsync<SaleTotalsReader, SaleTotals>(t => t.SumAsync(new SaleFilter(), TotalsGroup.Month, TestContext.Current.CancellationToken));
        var total = Assert.Single(totals.Totals);
        Assert.Equal((load.Currency, load.Revenue, load.Sold, load.Returned, load.MrpValue), (total.Currency, total.Revenue, total.UnitsSold, total.UnitsReturned, total.MrpValue));
    }

    [Fact]
    public async Task The_rejects_of_the_real_files_are_explained()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var load = Loads["marketplace_mrp_march_2021.csv"];
        var job = await store.LoadAsync(await File.ReadAllBytesAsync(SharedData.File("retail/marketplace_mrp_march_2021.csv"), TestContext.Current.CancellationToken),
            ImportQuery.Parse("retail.sales", new QueryCollection(QueryHelpers.ParseQuery(load.Options))));
        var rejects = (await store.RejectsAsync(job)).TrimEnd().Split('\n')[1..];
        Assert.Equal(6, rejects.Length);
        Assert.All(rejects, r => Assert.Contains("#VALUE!' is not a number", r));
    }

    /// <summary>Python: the same, with the price in the key, finds 536,637 rows.</summary>
    [Theory]
    [EachDatabase]
    public async Task Lines_that_differ_in_their_price_alone_are_kept_apart_where_the_key_says_so(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var content = await File.ReadAllBytesAsync(SharedData.File("retail/online_retail_2010_2011.csv.gz"), TestContext.Current.CancellationToken);
        var options = ImportQuery.Parse("retail.sales", new QueryCollection(QueryHelpers.ParseQuery("set=currency:GBP&key=invoiceId,productId,soldAt,quantity,sellingPrice")));
        Assert.Equal((541_909, 536_637, 5_270, 0, 2), ImportStore.Counts(await store.LoadAsync(content, options)));
    }

    [Fact]
    public async Task Daily_files_and_the_whole_year_hold_the_same_sales()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var options = new ImportOptions { Target = "retail.sales", Set = new Dictionary<string, string> { ["currency"] = "GBP" } };
        var day = await File.ReadAllBytesAsync(SharedData.File("retail/online_retail_by_day/2010-12-01.csv"), TestContext.Current.CancellationToken);
        await store.LoadAsync(day, options);
        var again = await store.LoadAsync(day, options with { Force = true });
        Assert.Equal((3_108, 0, 3_108, 0, 0), ImportStore.Counts(again));
    }

    /// <summary>What the same Python script, without any library of statistics, finds for the shop's best known product.</summary>
    [Theory]
    [EachDatabase]
    public async Task Pattern_elasticity_and_concentration_of_a_real_year_are_those_that_another_program_finds(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var content = await File.ReadAllBytesAsync(SharedData.File("retail/online_retail_2010_2011.csv.gz"), TestContext.Current.CancellationToken);
        await store.LoadAsync(content, new ImportOptions { Target = "retail.sales", Set = new Dictionary<string, string> { ["currency"] = "GBP" } });
        var scope = new PatternScope(PatternKind.Product, PatternMeasure.Units, new SaleFilter());
        var pattern = await store.AsAsync<PatternService, DemandPattern>(p => p.CurrentAsync(scope, "85123A", TestContext.Current.CancellationToken));
        Assert.Equal("[0.993273,1.572882,1.219577,1.629076,0.841901,0,0.743291]", pattern.DayOfWeek);
        Assert.Equal((544.0, 0.001745, 303, 374), (pattern.Level, pattern.TrendPerWeek, pattern.SampleSize, pattern.Days));
        Assert.Equal((1.234323, 5.673102, DemandClass.Erratic, 0.915408), (pattern.Adi, pattern.Cv2, pattern.DemandClass, pattern.Confidence));
        Assert.Contains("they need 24 whole months, and there are 12", pattern.Notes);

        var draft = new ScenarioDraft { Name = "up", Kind = ScenarioKind.PriceChange, ProductId = "85123A", ChangePercent = 5 };
        var scenario = await store.AsAsync<ScenarioService, Scenario>(s => s.SimulateAsync(draft, TestContext.Current.CancellationToken));
        var elasticity = JsonDocument.Parse(scenario.Outcome).RootElement.GetProperty("elasticity");
        Assert.Equal((-5.968933, 0.530864, 305), (Math.Round(elasticity.GetProperty("value").GetDouble(), 6), Math.Round(elasticity.GetProperty("standardError").GetDouble(), 6), elasticity.GetProperty("days").GetInt32()));

        var risks = await store.AsAsync<RiskService, IReadOnlyList<RiskAssessment>>(r => r.AssessAsync(new SaleFilter(), null, TestContext.Current.CancellationToken));
        var index = JsonDocument.Parse(risks.Single(r => r.Kind == RiskKind.Concentration).Drivers).RootElement[0].GetProperty("value").GetDouble();
        Assert.Equal(22.196138, index, 6);

        var run = await store.AsAsync<PatternService, PatternRun>(p => p.ExtractAsync(scope, TestContext.Current.CancellationToken));
        Assert.Equal(4_070, run.Patterns);
    }

    [Theory]
    [EachDatabase]
    public async Task The_price_list_with_printed_prices_keeps_the_rule(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var load = Loads["zepto_inventory.csv"];
        await store.LoadAsync(await File.ReadAllBytesAsync(SharedData.File("retail/zepto_inventory.csv"), TestContext.Current.CancellationToken),
            ImportQuery.Parse("retail.sales", new QueryCollection(QueryHelpers.ParseQuery(load.Options))));
        var all = Assert.Single(await store.AsAsync<ComplianceService, IReadOnlyList<ComplianceResult>>(c => c.CheckAsync(new SaleFilter(), TestContext.Current.CancellationToken)));
        // One row has a printed price of 0, which is none.
        Assert.Equal((Verdict.Compliant, 3_728, 1, 0), (all.Verdict, all.SalesChecked, all.SalesUnchecked, all.ViolationCount));
    }

    private sealed record Load(
        string Options, (long Read, long Loaded, long Updated, long Skipped, long Rejected) Counts, string Currency, decimal Revenue, decimal Sold, decimal Returned, decimal MrpValue);
}
