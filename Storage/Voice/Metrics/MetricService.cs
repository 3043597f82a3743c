using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Voice.Metrics;

/// <summary>Which metrics; what is null does not filter.</summary>
public sealed record MetricFilter(string? Name, string? Unit, DateTime? From, DateTime? Before)
{
    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"voice-metrics\u001f{Name}\u001f{Unit}\u001f{From?.Ticks}\u001f{Before?.Ticks}");

    internal IQueryable<SystemMetric> Apply(IQueryable<SystemMetric> query)
    {
        query = Name is { Length: > 0 } name ? query.Where(m => m.Name == name) : query;
        query = Unit is { Length: > 0 } unit ? query.Where(m => m.Unit == unit) : query;
        query = From is { } from ? query.Where(m => m.At >= from) : query;
        return Before is { } before ? query.Where(m => m.At < before) : query;
    }
}

/// <summary>What was measured.</summary>
public sealed class MetricService(StoreContext context, RecordStore<SystemMetric> store)
{
    private static readonly SortKey<SystemMetric>[] SortKeys =
        [SortKey<SystemMetric>.By("createdAt", m => m.Id), SortKey<SystemMetric>.By("at", m => m.At), SortKey<SystemMetric>.By("value", m => m.Value)];

    /// <exception cref="ProblemException">Of kind invalid.</exception>
    public Task<SystemMetric> CreateAsync(MetricDraft draft, CancellationToken cancellationToken = default)
    {
        var metric = new SystemMetric();
        Apply(draft, metric);
        return store.CreateAsync(metric, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<SystemMetric> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <param name="page">Sortable by createdAt, at and value.</param>
    public Task<Page<SystemMetric>> ListAsync(MetricFilter filter, PageRequest page, CancellationToken cancellationToken = default) => store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);

    /// <inheritdoc cref="PatchAsync"/>
    public Task<SystemMetric> ReplaceAsync(Guid id, long? expected, MetricDraft draft, CancellationToken cancellationToken = default) => PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid or stale.</exception>
    public Task<SystemMetric> PatchAsync(Guid id, long? expected, Func<MetricDraft, MetricDraft> change, CancellationToken cancellationToken = default) =>
        store.UpdateAsync(id, expected, metric => Apply(change(MetricDraft.Of(metric)), metric), cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    private void Apply(MetricDraft draft, SystemMetric metric)
    {
        draft.ApplyTo(metric, context.Now());
        RuleErrors.Require((draft, metric), static (both, report) =>
        {
            MetricRules.Check(both.metric, report);
            if (both.draft.Value is null)
            {
                report("value", "required", "value is missing.");
            }
        });
    }
}
