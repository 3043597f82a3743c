using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Direct;
using CloudStore.Storage.Retail.Sales;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Retail.Reading;

/// <summary>
/// Reads whole sales, prices included, and lets a caller add them up. Prices are ciphertext in the database, so this is the only way to sum them: large selections
/// are read in parts side by side, each part page by page, so that memory holds a few pages however many sales there are.
/// </summary>
public sealed class SaleReader(StoreContext context, RecordStore<Sale> store, AuditTrail audit, IServiceProvider services)
{
    internal const string Table = "sales";

    private const int PageRows = 2_000;

    /// <summary>Fewer rows are read before a second reader has started.</summary>
    private const int WorthParts = 40_000;

    private const int MostParts = 4;

    /// <summary>Adds up the sales of a filter, in no order that could be relied on. It is one event in the audit, with how many there were.</summary>
    /// <param name="purpose">What for, as the audit says it.</param>
    /// <param name="filter">Which sales.</param>
    /// <param name="start">Makes the empty sum of a part.</param>
    /// <param name="add">Adds a sale to a part's sum; never called for one sum at the same time.</param>
    /// <param name="merge">Adds the second sum to the first.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">Of kind unprocessable: a sum is larger than a decimal; or what <paramref name="add"/> throws.</exception>
    public async Task<TSum> FoldAsync<TSum>(
        string purpose, SaleFilter filter, Func<TSum> start, Action<TSum, Sale> add, Action<TSum, TSum> merge, CancellationToken cancellationToken = default)
    {
        var count = new StrongBox<long>();
        TSum sum;
        try
        {
            sum = await FoldPartsAsync(filter, start, add, merge, count, cancellationToken);
        }
        catch (OverflowException e)
        {
            throw Overflow(e);
        }

        if (count.Value > 0)
        {
            await audit.NoteAsync(new AuditNote(AuditAction.Read, Table, Items: count.Value, Details: new JsonObject { ["for"] = purpose }), cancellationToken);
        }

        return sum;
    }

    /// <summary>The problem of a sum larger than a decimal. Amounts alone stay far below it; a sale's price by its quantity can be 1e27.</summary>
    internal static ProblemException Overflow(OverflowException e)
    {
        const string detail = "The quantities of these sales by their prices add up to more than 7.9e28, which cannot be computed. Look for wrong quantities, or filter the sales.";
        return new ProblemException(ProblemKind.Unprocessable, detail, [new ProblemError("quantity", "overflow", detail)], e);
    }

    private async Task<TSum> FoldPartsAsync<TSum>(
        SaleFilter filter, Func<TSum> start, Action<TSum, Sale> add, Action<TSum, TSum> merge, StrongBox<long> count, CancellationToken cancellationToken)
    {
        var bounds = await BoundsAsync(filter, cancellationToken);
        if (bounds.Count == 0)
        {
            return await FoldPartAsync(context, filter, null, null, start(), add, count, cancellationToken);
        }

        var sums = await Task.WhenAll(Enumerable.Range(0, bounds.Count + 1).Select(i => Task.Run(
            async () =>
            {
                // A context does one thing at a time: each part has its own, for the same tenant.
                await using var scope = services.CreateScopeFor(Caller.System(context.Tenant!, context.Actor));
                var own = (StoreContext)scope.ServiceProvider.GetService(typeof(StoreContext))!;
                return await FoldPartAsync(own, filter, i == 0 ? null : bounds[i - 1], i == bounds.Count ? null : bounds[i], start(), add, count, cancellationToken);
            },
            cancellationToken)));
        foreach (var other in sums.Skip(1))
        {
            merge(sums[0], other);
        }

        return sums[0];
    }

    private static async Task<TSum> FoldPartAsync<TSum>(
        StoreContext context, SaleFilter filter, Guid? from, Guid? before, TSum sum, Action<TSum, Sale> add, StrongBox<long> count, CancellationToken cancellationToken)
    {
        var part = filter.Apply(context.Set<Sale>().AsNoTracking());
        part = before is { } end ? part.Where(s => s.Id < end) : part;
        var last = from;
        bool inclusive = true;
        var reading = ReadAsync();
        try
        {
            while (true)
            {
                var page = await reading;
                Interlocked.Add(ref count.Value, page.Count);
                if (page.Count == PageRows)
                {
                    (last, inclusive) = (page[^1].Id, false);
                    reading = ReadAsync();
                }

                foreach (var sale in page)
                {
                    add(sum, sale);
                }

                if (page.Count < PageRows)
                {
                    return sum;
                }
            }
        }
        finally
        {
            // Where adding up fails the next page is still being read, on a context that somebody else gets when this returns.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task<List<Sale>> ReadAsync()
        {
            var query = last is not { } behind ? part : inclusive ? part.Where(s => s.Id >= behind) : part.Where(s => s.Id > behind);
            return context.ReadAsync(query.OrderBy(s => s.Id).Take(PageRows), PageRows, cancellationToken);
        }
    }

    // The ids at which parts of about the same size begin.
    private async Task<List<Guid>> BoundsAsync(SaleFilter filter, CancellationToken cancellationToken)
    {
        int parts = Math.Min(Environment.ProcessorCount, MostParts);
        var query = filter.Apply(store.Query);
        long count = parts == 1 ? 0 : await query.LongCountAsync(cancellationToken);
        var bounds = new List<Guid>();
        for (int i = 1; i < parts && count >= WorthParts; i++)
        {
            int skip = (int)Math.Min(int.MaxValue, count * i / parts);
            var id = await query.OrderBy(s => s.Id).Select(s => s.Id).Skip(skip).Take(1).ToListAsync(cancellationToken);
            bounds.AddRange(id);
        }

        return bounds;
    }
}
