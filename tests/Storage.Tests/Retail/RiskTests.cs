using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Retail;

public sealed class RiskTests
{
    private static readonly DateTime First = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_score_is_what_its_formula_gives_by_hand()
    {
        // 100 falling by 1 each week: the median of 100..81 is 90.5; 52 / 90.5 of it is lost in a year.
        Assert.Equal(100 * 52 / 90.5, RiskScores.DemandDecline([.. Enumerable.Range(0, 20).Select(i => 100.0 - i)]).Score!.Value, 9);
        Assert.Equal(0, RiskScores.DemandDecline([.. Enumerable.Range(0, 20).Select(i => 100.0 + i)]).Score);
        Assert.Null(RiskScores.DemandDecline([1, 2, 3]).Score);

        // Weeks of 8 and 12 by turns: mean 10, variance 4 * 8 / 7.
        Assert.Equal(100 * Math.Sqrt(32.0 / 7) / 10, RiskScores.Volatility([8, 12, 8, 12, 8, 12, 8, 12]).Score!.Value, 9);

        Assert.Equal(50, RiskScores.MarginUnderMrp(100, 90).Score!.Value, 9);
        Assert.Equal(100, RiskScores.MarginUnderMrp(100, 101).Score!.Value, 9);
        Assert.Equal(0, RiskScores.MarginUnderMrp(100, 80).Score!.Value, 9);
        Assert.Null(RiskScores.MarginUnderMrp(0, 0).Score);

        // Shares of 50, 30 and 20 %: 2,500 + 900 + 400 = 3,800, which is 2,000 of the 8,200 above 1,800.
        var concentrated = RiskScores.Concentration([50, 30, 20]);
        Assert.Equal((3_800, 50 + (2_000 / 8_200.0 * 50)), (Math.Round(concentrated.Drivers[0].Value!.Value, 9), concentrated.Score!.Value));
        Assert.Equal(25, RiskScores.Concentration([.. Enumerable.Repeat(1m, 10)]).Score!.Value, 9);

        // Every second day of 19: 10 of 19 days, an interval of 1.9; 11.4 days are 6 of them, 4 of the 8 behind the second.
        var series = DailySeries.Of([.. Enumerable.Range(0, 10).Select(i => KeyValuePair.Create(First.AddDays(2 * i), 1.0))]);
        Assert.Equal(100 * ((11 / 1.9) - 2) / 8, RiskScores.StaleStock(series, series.Last.AddDays(11)).Score!.Value, 9);
        Assert.Equal(0, RiskScores.StaleStock(series, series.Last).Score);
        Assert.Equal([RiskLevel.Low, RiskLevel.Moderate, RiskLevel.High, RiskLevel.Critical, RiskLevel.Unknown], new double?[] { 24.99, 25, 50, 75, null }.Select(RiskScores.LevelOf));
    }

    [Theory]
    [EachDatabase]
    public async Task Products_are_assessed_each_by_itself_and_without_names_all_together(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var sales = store.Get<SaleService>();
        await sales.ImportAsync(Enumerable.Range(0, 140).SelectMany(i => new[] { Sale("thin", i, 10, 99), Sale("wide", i, 20 - (i / 7), 50) }).Where(s => s.ProductId == "thin" || s.Quantity > 0), cancellationToken: Token);
        await sales.CreateAsync(Sale("late", 200, 1, 1), Token);
        var risks = store.Get<RiskService>();
        var found = await risks.AssessAsync(new SaleFilter { Products = ["thin", "wide"] }, null, Token);
        Assert.Equal(10, found.Count);
        Assert.Equal(95, Of("thin", RiskKind.MarginUnderMrp).Score);
        Assert.Equal((0d, RiskLevel.Low, "[]"), (Of("thin", RiskKind.DemandDecline).Score, Of("thin", RiskKind.DemandDecline).Level, Of("thin", RiskKind.DemandDecline).Mitigations));
        Assert.Equal(RiskLevel.Critical, Of("wide", RiskKind.DemandDecline).Level);
        // Sixty-one days after its last sale, of a product that sold each day.
        Assert.Equal((100d, First.AddDays(200)), (Of("thin", RiskKind.StaleStock).Score, Of("thin", RiskKind.StaleStock).AsOf));
        Assert.Contains("daysSinceLastSale\":61".Replace("\":", "\",\"value\":", StringComparison.Ordinal), Of("thin", RiskKind.StaleStock).Drivers.Replace(" ", "", StringComparison.Ordinal));

        var together = await risks.AssessAsync(new SaleFilter(), First.AddDays(139), Token);
        Assert.Equal(5, together.Count);
        Assert.All(together, r => Assert.Null(r.ProductId));
        Assert.Equal(5, (await risks.ListAsync("thin", null, null, new PageRequest(null, null, null, false, "t"), Token)).Items.Count);

        await sales.CreateAsync(Sale("thin", 300, 1, 1) with { Currency = "USD" }, Token);
        var refused = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => risks.AssessAsync(new SaleFilter(), null, Token));
        Assert.Equal("currency", refused.Errors[0].Field);

        RiskAssessment Of(string product, RiskKind kind) => found.Single(r => r.ProductId == product && r.Kind == kind);
    }

    private static SaleDraft Sale(string product, int day, int quantity, decimal price) =>
        new() { ProductId = product, StoreId = "s", SoldAt = First.AddDays(day), Quantity = quantity, Mrp = 100, SellingPrice = price };
}
