using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Retail;

public sealed class PatternServiceTests
{
    private static readonly DateTime First = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Patterns_of_all_products_are_made_stored_and_made_again_in_their_place(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await store.Get<SaleService>().ImportAsync(Year("a").Concat(Year("b")).Append(Sale("rare", First, 1)), cancellationToken: Token);
        var patterns = store.Get<PatternService>();
        var scope = new PatternScope(PatternKind.Product, PatternMeasure.Units, new SaleFilter());
        var run = await patterns.ExtractAsync(scope, Token);
        Assert.Equal((3, 1), (run.Patterns, run.TooLittleData));
        await patterns.ExtractAsync(scope, Token);
        var stored = (await patterns.ListAsync(null, null, null, new PageRequest("subject", null, null, true, "t"), Token)).Items;
        Assert.Equal(["a", "b", "rare"], stored.Select(p => p.Subject));
        // Weekdays sell 1 to 7: around each day the week averages 4.
        Assert.Equal("[0.25,0.5,0.75,1,1.25,1.5,1.75]", stored[0].DayOfWeek!.Replace(" ", "", StringComparison.Ordinal));
        Assert.Contains("Too little data", stored[2].Notes);
        // Another selection is another pattern: of one month, too little for a trend.
        await patterns.ExtractAsync(scope with { Sales = new SaleFilter { Products = ["a"], Before = First.AddDays(31) } }, Token);
        var both = (await patterns.ListAsync(null, "a", null, new PageRequest("createdAt", null, null, false, "t"), Token)).Items;
        Assert.Equal([364, 31], both.Select(p => p.Days));
        Assert.Equal(4, new[] { new SaleFilter { StoreId = "x" }, new SaleFilter { Currency = "x" }, new SaleFilter { Category = "x" }, new SaleFilter() }.Select(f => (scope with { Sales = f }).KeyOf("a")).Distinct().Count());
        Assert.Equal(["rare"], (await patterns.ListAsync(null, "rare", null, new PageRequest(null, null, null, false, "t"), Token)).Items.Select(p => p.Subject));
    }

    [Theory]
    [EachDatabase]
    public async Task Revenue_has_the_same_factors_as_units_at_one_price_and_two_currencies_are_refused(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var sales = store.Get<SaleService>();
        await sales.ImportAsync(Year("a"), cancellationToken: Token);
        var patterns = store.Get<PatternService>();
        var scope = new PatternScope(PatternKind.Category, PatternMeasure.Revenue, new SaleFilter());
        var revenue = await patterns.CurrentAsync(scope, "food", Token);
        Assert.Equal("[0.25,0.5,0.75,1,1.25,1.5,1.75]", revenue.DayOfWeek);
        Assert.Null(revenue.Level);
        await sales.CreateAsync(Sale("a", First, 1) with { Currency = "USD", InvoiceId = "usd" }, Token);
        var refused = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => patterns.CurrentAsync(scope, "food", Token));
        Assert.Equal(("currency", "one-currency"), (refused.Errors[0].Field, refused.Errors[0].Rule));
        Assert.Equal(364, (await patterns.CurrentAsync(scope with { Sales = new SaleFilter { Currency = "INR" } }, "food", Token)).SampleSize);
    }

    [Theory]
    [EachDatabase]
    public async Task A_pattern_comes_from_the_cache_until_a_sale_of_its_product_arrives_changes_or_goes(Database database)
    {
        await using var store = await TestStore.OpenAloneAsync(database);
        var sales = store.Get<SaleService>();
        await sales.ImportAsync(Year("a").Concat(Year("b")), cancellationToken: Token);
        var patterns = store.Get<PatternService>();
        var scope = new PatternScope(PatternKind.Product, PatternMeasure.Units, new SaleFilter());
        var (a, b) = (await patterns.CurrentAsync(scope, "a", Token), await patterns.CurrentAsync(scope, "b", Token));
        Assert.Same(a, await store.Get<PatternService>().CurrentAsync(scope, "a", Token));

        // Past this process's cache and services: what another process would write.
        await store.Get<SaleBulk>().CreateManyAsync([Sale("a", First.AddDays(364), 1)], ConflictMode.Update, Token);
        var added = await patterns.CurrentAsync(scope, "a", Token);
        Assert.Equal((364, 365), (a.SampleSize, added.SampleSize));
        Assert.Same(b, await patterns.CurrentAsync(scope, "b", Token));

        var late = Assert.Single((await sales.ListAsync(new SaleFilter { Products = ["a"], From = First.AddDays(364) }, new PageRequest(null, null, null, false, "t"), Token)).Items);
        await sales.PatchAsync(late.Id, null, d => d with { Quantity = 0 }, Token);
        Assert.Equal(364, (await patterns.CurrentAsync(scope, "a", Token)).SampleSize);
        await sales.DeleteAsync(late.Id, cancellationToken: Token);
        Assert.Equal(364, (await patterns.CurrentAsync(scope, "a", Token)).Days);
        await RecordStoreTests.ThrowsAsync(ProblemKind.NotFound, () => patterns.CurrentAsync(scope, "none", Token));
    }

    private static IEnumerable<SaleDraft> Year(string product) => Enumerable.Range(0, 364).Select(i => Sale(product, First.AddDays(i), (i % 7) + 1));

    private static SaleDraft Sale(string product, DateTime day, int quantity) =>
        new() { ProductId = product, Category = "food", SoldAt = day, Quantity = quantity, SellingPrice = 10, InvoiceId = $"{day:yyyyMMdd}" };
}
