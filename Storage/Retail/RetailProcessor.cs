using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;

namespace CloudStore.Storage.Retail;

/// <summary>The retail area in six calls, for C# callers; the API offers the same. It works for the tenant of its scope.</summary>
public sealed class RetailProcessor(SaleBulk sales, PatternService patterns, RiskService risks, ScenarioService scenarios, ComplianceService compliance, InsightService insights)
{
    /// <summary>Loads sales; what breaks a rule is left out and reported, and never stops the others. A price above the maximum retail price is stored and flagged.</summary>
    public Task<RowImportResult> IngestSales(IEnumerable<SaleDraft> rows, ConflictMode onConflict = ConflictMode.Update, CancellationToken cancellationToken = default) =>
        sales.ImportAsync(rows, onConflict, cancellationToken);

    /// <inheritdoc cref="PatternService.ExtractAsync"/>
    public Task<PatternRun> ExtractDemandPatterns(PatternScope scope, CancellationToken cancellationToken = default) => patterns.ExtractAsync(scope, cancellationToken);

    /// <inheritdoc cref="RiskService.AssessAsync"/>
    public Task<IReadOnlyList<RiskAssessment>> Assess(SaleFilter filter, DateTime? asOf = null, CancellationToken cancellationToken = default) => risks.AssessAsync(filter, asOf, cancellationToken);

    /// <inheritdoc cref="ScenarioService.SimulateAsync"/>
    public Task<Scenario> Simulate(ScenarioDraft draft, CancellationToken cancellationToken = default) => scenarios.SimulateAsync(draft, cancellationToken);

    /// <inheritdoc cref="ComplianceService.CheckAsync"/>
    public Task<IReadOnlyList<ComplianceResult>> CheckCompliance(SaleFilter filter, CancellationToken cancellationToken = default) => compliance.CheckAsync(filter, cancellationToken);

    /// <inheritdoc cref="InsightService.FindAsync"/>
    /// <exception cref="ProblemException">The sales are in several currencies.</exception>
    public Task<IReadOnlyList<Insight>> FindInsights(SaleFilter filter, CancellationToken cancellationToken = default) => insights.FindAsync(filter, cancellationToken);
}
