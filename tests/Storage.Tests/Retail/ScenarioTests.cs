using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Retail;

/// <summary>Expected values are those of a Python script of its own that fits the same days (math.log, sums).</summary>
public sealed class ScenarioTests
{
    private static readonly DateTime First = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ScenarioDraft Cheaper = new() { Name = "ten percent off", Kind = ScenarioKind.PriceChange, ProductId = "p", ChangePercent = -10 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_price_change_follows_the_elasticity_that_Python_estimates(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await store.Get<SaleService>().ImportAsync(FortyDays(), cancellationToken: Token);
        var scenario = await store.Get<ScenarioService>().SimulateAsync(Cheaper, Token);
        var outcome = JsonDocument.Parse(scenario.Outcome).RootElement;
        var elasticity = outcome.GetProperty("elasticity");
        Assert.Equal(-1.3924979771849433, elasticity.GetProperty("value").GetDouble(), 10);
        Assert.Equal(0.058178535621262344, elasticity.GetProperty("standardError").GetDouble(), 10);
        Assert.Equal(0.9377946453200648, elasticity.GetProperty("rSquared").GetDouble(), 10);
        // The table's t for 38 degrees of freedom.
        Assert.Equal(2.024394, elasticity.GetProperty("criticalT").GetDouble(), 5);
        var baseline = JsonDocument.Parse(scenario.Baseline).RootElement;
        Assert.Equal((1411.2, 140140d), (baseline.GetProperty("units").GetDouble(), baseline.GetProperty("revenue").GetDouble()));
        Assert.Equal((1634.202162, 146056.818267), (outcome.GetProperty("figures").GetProperty("units").GetDouble(), outcome.GetProperty("figures").GetProperty("revenue").GetDouble()));
        Assert.Equal(1614.0487, outcome.GetProperty("unitsLow").GetDouble(), 3);
        Assert.Equal(1654.6073, outcome.GetProperty("unitsHigh").GetDouble(), 3);
        // 40 days: 40 / 68, times 1 - standard error / |elasticity|.
        Assert.Equal(Math.Round(40 / 68.0 * (1 - (0.058178535621262344 / 1.3924979771849433)), 6), scenario.Confidence);
    }

    [Theory]
    [EachDatabase]
    public async Task A_price_that_never_varied_and_too_few_days_are_refused_with_the_reason(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await store.Get<SaleService>().ImportAsync(FortyDays().Select(s => s with { SellingPrice = 100 }), cancellationToken: Token);
        var scenarios = store.Get<ScenarioService>();
        var same = await RecordStoreTests.ThrowsAsync(ProblemKind.Unprocessable, () => scenarios.SimulateAsync(Cheaper, Token));
        Assert.Equal(("productId", "elasticity"), (same.Errors[0].Field, same.Errors[0].Rule));
        Assert.Contains("never varied", same.Message);
        var few = await RecordStoreTests.ThrowsAsync(ProblemKind.Unprocessable, () => scenarios.SimulateAsync(Cheaper with { Before = First.AddDays(9) }, Token));
        Assert.Contains("9 days", few.Message);
        var none = await RecordStoreTests.ThrowsAsync(ProblemKind.Unprocessable, () => scenarios.SimulateAsync(Cheaper with { ProductId = "nope" }, Token));
        Assert.Equal("sales", none.Errors[0].Rule);
    }

    [Fact]
    public async Task A_demand_shift_and_a_promotion_are_what_they_say()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await store.Get<SaleService>().ImportAsync(FortyDays(), cancellationToken: Token);
        var scenarios = store.Get<ScenarioService>();
        var shift = await scenarios.SimulateAsync(new ScenarioDraft { Name = "monsoon", Kind = ScenarioKind.DemandShift, ChangePercent = -25 }, Token);
        Assert.Equal((1411.2 * 0.75, 140140 * 0.75), Figures(shift));
        var promotion = await scenarios.SimulateAsync(Cheaper with { Kind = ScenarioKind.Promotion, PromotionDays = 7, UpliftPercent = 50 }, Token);
        // A quarter of the days at half as much again and a tenth less in price.
        Assert.Equal((Math.Round(1411.2 * (0.75 + (0.25 * 1.5)), 6), Math.Round(140140 * (0.75 + (0.25 * 1.5 * 0.9)), 6)), Figures(promotion));
        Assert.Contains("assumption", promotion.Outcome);
        var above = await scenarios.SimulateAsync(Cheaper with { ChangePercent = 15 }, Token);
        Assert.Contains("above the printed maximum retail price", above.Outcome);
    }

    [Fact]
    public async Task A_request_that_means_nothing_is_refused_by_field()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        var scenarios = store.Get<ScenarioService>();
        foreach (var (draft, field) in new (ScenarioDraft, string)[]
        {
            (Cheaper with { Name = " ".Trim() }, "name"), (Cheaper with { ProductId = null }, "productId"), (Cheaper with { ChangePercent = null }, "changePercent"),
            (Cheaper with { ChangePercent = -100 }, "changePercent"), (Cheaper with { ChangePercent = double.NaN }, "changePercent"), (Cheaper with { Days = 0 }, "days"),
            (Cheaper with { PromotionDays = 3 }, "promotionDays"), (Cheaper with { Kind = ScenarioKind.Promotion }, "promotionDays"),
            (Cheaper with { Kind = ScenarioKind.Promotion, PromotionDays = 3, ChangePercent = 5 }, "changePercent"),
        })
        {
            var refused = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => scenarios.SimulateAsync(draft, Token));
            Assert.Equal(field, refused.Errors[0].Field);
        }
    }

    private static (double Units, double Revenue) Figures(Scenario scenario)
    {
        var figures = JsonDocument.Parse(scenario.Outcome).RootElement.GetProperty("figures");
        return (figures.GetProperty("units").GetDouble(), figures.GetProperty("revenue").GetDouble());
    }

    private static IEnumerable<SaleDraft> FortyDays() => Enumerable.Range(0, 40).Select(i =>
    {
        int price = 90 + (5 * (i % 5));
        return new SaleDraft
        {
            ProductId = "p",
            SoldAt = First.AddDays(i),
            Mrp = 112,
            SellingPrice = price,
            Quantity = (decimal)Math.Round(50 * Math.Pow(price / 100.0, -1.5)) + (i * 7 % 5) - 2,
        };
    });
}
