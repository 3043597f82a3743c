using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Scenarios;

/// <summary>Simulates and keeps scenarios.</summary>
public sealed class ScenarioService(RecordStore<Scenario> store, SaleReader reader)
{
    private static readonly SortKey<Scenario>[] SortKeys = [SortKey<Scenario>.By("createdAt", s => s.Id), SortKey<Scenario>.By("name", s => s.Name)];

    /// <exception cref="ProblemException">Of kind invalid; or unprocessable, where the sales carry no answer.</exception>
    public async Task<Scenario> SimulateAsync(ScenarioDraft draft, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(draft, ScenarioRules.Check);
        var filter = new SaleFilter
        {
            Products = string.IsNullOrEmpty(draft.ProductId) ? [] : [draft.ProductId],
            Category = draft.Category,
            StoreId = draft.StoreId,
            Currency = draft.Currency,
            From = draft.From,
            Before = draft.Before,
        };
        var sum = await reader.FoldAsync("scenario", filter, () => new ScenarioSum(), (s, sale) => s.Add(sale), (a, b) => a.Add(b), cancellationToken);
        var (baseline, outcome, confidence) = Simulator.Run(draft, sum, OneCurrency.Of(sum.Currencies));
        return await store.CreateAsync(
            new Scenario
            {
                Name = draft.Name!,
                Kind = draft.Kind,
                Parameters = JsonSerializer.Serialize(draft, RetailJson.Default.ScenarioDraft),
                Baseline = JsonSerializer.Serialize(baseline, RetailJson.Default.ScenarioFigures),
                Outcome = JsonSerializer.Serialize(outcome, RetailJson.Default.ScenarioOutcome),
                Confidence = confidence,
            },
            cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<Scenario> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <summary>The scenarios that were simulated.</summary>
    public Task<Page<Scenario>> ListAsync(ScenarioKind? kind, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(query => kind is null ? query : query.Where(s => s.Kind == kind), SortKeys, page, cancellationToken);

    /// <summary>Deletes softly.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }
}
