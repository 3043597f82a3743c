using System.Globalization;
using System.Linq.Expressions;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Campaigns;

/// <summary>What language models were used for and what that cost.</summary>
public sealed class LlmUsageService(StoreContext context, RecordStore<LlmUsage> store)
{
    private static readonly SortKey<LlmUsage>[] SortKeys =
    [
        SortKey<LlmUsage>.By("createdAt", u => u.Id),
        SortKey<LlmUsage>.By("at", u => u.At),
        SortKey<LlmUsage>.By("cost", u => u.Cost),
        SortKey<LlmUsage>.By("totalTokens", u => u.TotalTokens),
    ];

    /// <exception cref="ProblemException">Of kind invalid.</exception>
    public Task<LlmUsage> CreateAsync(LlmUsageDraft draft, CancellationToken cancellationToken = default)
    {
        var usage = draft.ToUsage(context.Now());
        RuleErrors.Require(usage, LlmUsageRules.Check);
        return store.CreateAsync(usage, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<LlmUsage> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <exception cref="ProblemException">The page request is not valid.</exception>
    public Task<Page<LlmUsage>> ListAsync(LlmUsageFilter filter, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);

    /// <summary>Sums up inside the database.</summary>
    public async Task<LlmUsageTotals> TotalsAsync(LlmUsageFilter filter, LlmUsageGroup groupBy, CancellationToken cancellationToken = default)
    {
        var query = filter.Apply(store.Query);
        var parts = groupBy switch
        {
            LlmUsageGroup.Provider => await SumAsync(query, u => new GroupKey<string?> { Key = u.Provider, Currency = u.Currency }, k => k, cancellationToken),
            LlmUsageGroup.Model => await SumAsync(query, u => new GroupKey<string?> { Key = u.Model, Currency = u.Currency }, k => k, cancellationToken),
            LlmUsageGroup.Operation => await SumAsync(query, u => new GroupKey<string?> { Key = u.Operation, Currency = u.Currency }, k => k, cancellationToken),
            LlmUsageGroup.Day => await SumAsync(query, u => new GroupKey<DateTime> { Key = DateBucket.Day(u.At), Currency = u.Currency }, d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(groupBy)),
        };
        var groups = parts.GroupBy(p => p.Key).OrderBy(g => g.Key is null).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => Merge(g.Key, g));
        return new LlmUsageTotals([.. groups], Merge(null, parts));
    }

    private static async Task<List<LlmUsageTotal>> SumAsync<TKey>(IQueryable<LlmUsage> query, Expression<Func<LlmUsage, GroupKey<TKey>>> key, Func<TKey, string?> text, CancellationToken cancellationToken)
    {
        var sums = await query.GroupBy(key).Select(g => new
        {
            g.Key.Key,
            g.Key.Currency,
            Requests = g.LongCount(),
            PromptTokens = g.Sum(u => u.PromptTokens),
            CompletionTokens = g.Sum(u => u.CompletionTokens),
            TotalTokens = g.Sum(u => u.TotalTokens),
            Cost = g.Sum(u => u.Cost),
        }).ToListAsync(cancellationToken);
        return sums.ConvertAll(s => new LlmUsageTotal(text(s.Key), s.Requests, s.PromptTokens, s.CompletionTokens, s.TotalTokens, s.Cost, s.Currency, new Dictionary<string, decimal>()));
    }

    private static LlmUsageTotal Merge(string? key, IEnumerable<LlmUsageTotal> parts)
    {
        var all = parts.ToList();
        var costs = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var part in all)
        {
            costs[part.Currency!] = costs.GetValueOrDefault(part.Currency!) + part.Cost!.Value;
        }

        decimal? cost = costs.Count switch { 0 => 0, 1 => costs.Values.First(), _ => null };
        return new LlmUsageTotal(key, all.Sum(p => p.Requests), all.Sum(p => p.PromptTokens), all.Sum(p => p.CompletionTokens), all.Sum(p => p.TotalTokens),
            cost, costs.Count == 1 ? costs.Keys.First() : null, costs);
    }

    private sealed class GroupKey<TKey>
    {
        public required TKey Key { get; init; }

        public required string Currency { get; init; }
    }
}
