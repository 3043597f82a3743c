using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Insights;

/// <summary>Makes and keeps insights.</summary>
public sealed class InsightService(StoreContext context, RecordStore<Insight> store, SaleTotalsReader totals)
{
    private static readonly SortKey<Insight>[] SortKeys = [SortKey<Insight>.By("createdAt", i => i.Id)];

    /// <summary>Says what the sales of a filter show, and stores it; nothing where there are no sales.</summary>
    /// <exception cref="ProblemException">The sales are in several currencies.</exception>
    public async Task<IReadOnlyList<Insight>> FindAsync(SaleFilter filter, CancellationToken cancellationToken = default)
    {
        var products = await totals.SumAsync(filter, TotalsGroup.Product, cancellationToken);
        if (OneCurrency.Of([.. products.Totals.Select(t => t.Currency)]) is not { } currency)
        {
            return [];
        }

        var weekdays = await totals.SumAsync(filter, TotalsGroup.DayOfWeek, cancellationToken);
        var days = await totals.SumAsync(filter, TotalsGroup.Day, cancellationToken);
        var found = new InsightMaker(filter, currency, products, weekdays, days.Groups.Count(g => g.Key is not null)).Make().ToList();
        await new BulkWriter<Insight>(context).WriteAsync(found, ConflictMode.Reject, null, cancellationToken);
        return found;
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<Insight> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <summary>The insights that were found.</summary>
    public Task<Page<Insight>> ListAsync(InsightType? type, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(query => type is null ? query : query.Where(i => i.Type == type), SortKeys, page, cancellationToken);
}
