using System.Data.Common;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Retail;

/// <summary>Adding up sales that cannot be added up.</summary>
public sealed class SaleReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Where_adding_up_fails_nothing_goes_on_reading_when_the_caller_is_told(Database database)
    {
        var reads = new HeldRead();
        await using var store = await ImportStore.OpenAsync(database, configure: reads.AddTo);
        await store.AsAsync<SaleService, object>(async s => await s.ImportAsync(Enumerable.Range(0, 2_100).Select(i => new SaleDraft { ProductId = "p", InvoiceId = $"{i}", Quantity = 1 }), cancellationToken: Token));
        await store.AsAsync<IServiceProvider, int>(async services =>
        {
            reads.Hold(2);
            var failing = services.GetRequiredService<SaleReader>().FoldAsync<object>(
                "test", new SaleFilter(), () => reads, (_, _) => throw new InvalidOperationException("no sum"), (_, _) => { }, Token);
            await Task.WhenAny(failing, Task.Delay(TimeSpan.FromSeconds(2), Token));
            Assert.False(failing.IsCompleted, "the second page is still being read");
            reads.Release();
            Assert.Equal("no sum", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
            Assert.Equal(2_100, await services.GetRequiredService<StoreContext>().Set<Sale>().CountAsync(Token));
            return 0;
        });
    }

    [Fact]
    public async Task Sums_larger_than_a_decimal_are_refused_with_the_field()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await store.Get<SaleService>().ImportAsync(
            Enumerable.Range(0, 80).Select(i => new SaleDraft { ProductId = $"p{i % 2}", InvoiceId = $"{i}", Quantity = 1_000_000_000_000, Mrp = 500_000_000_000_000, SellingPrice = 1_000_000_000_000_000 }),
            cancellationToken: Token);
        // Each product by itself can be added up, and both together cannot.
        foreach (var group in Enum.GetValues<TotalsGroup>())
        {
            await RefusedAsync(() => store.Get<SaleTotalsReader>().SumAsync(new SaleFilter(), group, Token));
        }

        Assert.Equal(4e28m, (await store.Get<SaleTotalsReader>().SumAsync(new SaleFilter { Products = ["p0"] }, TotalsGroup.Product, Token)).Totals[0].Revenue);
        await RefusedAsync(() => store.Get<RiskService>().AssessAsync(new SaleFilter(), null, Token));
        await RefusedAsync(() => store.Get<InsightService>().FindAsync(new SaleFilter(), Token));
        await store.Get<InsightService>().FindAsync(new SaleFilter { Products = ["p0"] }, Token);
        await store.Get<ComplianceService>().CheckAsync(new SaleFilter(), Token);
    }

    [Fact]
    public async Task An_amount_for_next_to_nothing_has_no_unit_price_that_could_be_compared()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        var sale = await store.Get<SaleService>().CreateAsync(new SaleDraft { ProductId = "p", Quantity = 1e-20m, Amount = 1_000_000_000_000, Mrp = 1 }, Token);
        Assert.Equal((null, false), (sale.UnitPrice, sale.AboveMrp));
        Assert.Equal(1_000_000_000_000, (await store.Get<SaleTotalsReader>().SumAsync(new SaleFilter(), TotalsGroup.Product, Token)).Totals[0].Revenue);
    }

    private static async Task RefusedAsync(Func<Task> act)
    {
        var refused = await RecordStoreTests.ThrowsAsync(ProblemKind.Unprocessable, act);
        Assert.Equal(("quantity", "overflow"), (refused.Errors[0].Field, refused.Errors[0].Rule));
    }

    /// <summary>Holds the n-th read of sales up when its rows have come.</summary>
    private sealed class HeldRead : DbCommandInterceptor
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left;

        public void AddTo(IServiceCollection services)
        {
            services.ConfigureDbContext<SqliteContext>(o => o.AddInterceptors(this));
            services.ConfigureDbContext<PostgresContext>(o => o.AddInterceptors(this));
        }

        public void Hold(int read) => _left = read;

        public void Release() => _released.SetResult();

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            // Counting the sales is a read too, but not of their prices.
            if (command.CommandText.Contains("prices", StringComparison.Ordinal) && --_left == 0)
            {
                await _released.Task;
            }

            return result;
        }
    }
}
