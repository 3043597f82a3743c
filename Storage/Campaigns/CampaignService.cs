using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>
/// Campaigns for C# callers; the API offers the same. It works for the tenant of its scope. Failures a caller can mend are
/// <see cref="ProblemException"/>s that name the field and the rule.
/// </summary>
public sealed class CampaignService(RecordStore<Campaign> store, CampaignBulk bulk, CampaignMetrics metrics, AnalysisService analyses)
{
    /// <exception cref="ProblemException">Of kind invalid; or conflict, where a campaign with its key exists.</exception>
    public Task<Campaign> CreateAsync(CampaignDraft draft, CancellationToken cancellationToken = default)
    {
        var campaign = draft.ToCampaign();
        RuleErrors.Require(campaign, CampaignRules.Check);
        return store.CreateAsync(campaign, cancellationToken);
    }

    /// <inheritdoc cref="DraftBulk{T, TDraft}.CreateManyAsync"/>
    public Task<BatchResult> CreateManyAsync(IReadOnlyList<CampaignDraft> drafts, ConflictMode onConflict = ConflictMode.Reject, CancellationToken cancellationToken = default) =>
        bulk.CreateManyAsync(drafts, onConflict, cancellationToken);

    /// <inheritdoc cref="DraftBulk{T, TDraft}.ImportAsync"/>
    public Task<RowImportResult> ImportAsync(IEnumerable<CampaignDraft> rows, ConflictMode onConflict = ConflictMode.Update, CancellationToken cancellationToken = default) =>
        bulk.ImportAsync(rows, onConflict, cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<Campaign> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <param name="filter">Which.</param>
    /// <param name="page">Its sort is one of <see cref="CampaignSort.Keys"/>; its scope is <see cref="CampaignFilter.Scope"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Page<Campaign>> ListAsync(CampaignFilter filter, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(filter.Apply, CampaignSort.Keys, page, cancellationToken);

    /// <summary>Makes the campaign say what the draft says, and nothing else.</summary>
    /// <exception cref="ProblemException">Of kind not-found, invalid, stale or conflict.</exception>
    public Task<Campaign> ReplaceAsync(Guid id, long? expected, CampaignDraft draft, CancellationToken cancellationToken = default) =>
        store.UpdateAsync(
            id,
            expected,
            campaign =>
            {
                draft.ApplyTo(campaign);
                RuleErrors.Require(campaign, CampaignRules.Check);
            },
            cancellationToken);

    /// <summary>
    /// Changes parts of a campaign. A given ratio that the change leaves alone is cleared where changed measures contradict it, and derived from then on.
    /// </summary>
    /// <param name="id">Whose.</param>
    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <param name="change">Makes the new draft from the stored one; called again after a lost race.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, stale or conflict.</exception>
    public Task<Campaign> PatchAsync(Guid id, long? expected, Func<CampaignDraft, CampaignDraft> change, CancellationToken cancellationToken = default) =>
        store.UpdateAsync(
            id,
            expected,
            campaign =>
            {
                var old = campaign.Copy();
                change(CampaignDraft.Of(campaign)).ApplyTo(campaign);
                RatioRules.ClearContradicted(old, campaign);
                RuleErrors.Require(campaign, CampaignRules.Check);
            },
            cancellationToken);

    /// <summary>Deletes softly; the key is free again.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found, or conflict where its key was taken meanwhile.</exception>
    public Task<Campaign> RestoreAsync(Guid id, CancellationToken cancellationToken = default) => store.RestoreAsync(id, cancellationToken);

    /// <inheritdoc cref="AnalysisService.CreateAsync"/>
    public Task<Analysis> SaveAnalysisAsync(Guid? campaign, AnalysisDraft draft, CancellationToken cancellationToken = default) => analyses.CreateAsync(campaign, draft, cancellationToken);

    /// <inheritdoc cref="CampaignMetrics.AggregateAsync"/>
    public Task<MetricsAnswer> AggregateAsync(CampaignFilter filter, MetricsGroup groupBy, CancellationToken cancellationToken = default) =>
        metrics.AggregateAsync(filter, groupBy, cancellationToken);
}
