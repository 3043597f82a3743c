using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>Analyses of campaigns.</summary>
public sealed class AnalysisService(StoreContext context, RecordStore<Analysis> store, RecordStore<Campaign> campaigns)
{
    private static readonly SortKey<Analysis>[] SortKeys =
    [
        SortKey<Analysis>.By("createdAt", a => a.Id),
        SortKey<Analysis>.By("updatedAt", a => a.UpdatedAt),
        SortKey<Analysis>.By("completedAt", a => a.CompletedAt),
    ];

    /// <summary>Saves an analysis of a campaign, or with null of campaigns in general.</summary>
    /// <exception cref="ProblemException">Of kind not-found (the campaign) or invalid.</exception>
    public async Task<Analysis> CreateAsync(Guid? campaign, AnalysisDraft draft, CancellationToken cancellationToken = default)
    {
        var analysis = new Analysis { CampaignRef = campaign };
        draft.ApplyTo(analysis, context.Now());
        RuleErrors.Require(analysis, AnalysisRules.Check);
        if (campaign is { } id)
        {
            await campaigns.FindAsync(id, cancellationToken);
        }

        return await store.CreateAsync(analysis, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<Analysis> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <param name="campaign">Of this campaign only; a campaign that is not there is an error.</param>
    /// <exception cref="ProblemException">Of kind not-found, or the page request is not valid.</exception>
    public async Task<Page<Analysis>> ListAsync(Guid? campaign, AnalysisType? type, AnalysisStatus? status, PageRequest page, CancellationToken cancellationToken = default)
    {
        if (campaign is { } id)
        {
            await campaigns.FindAsync(id, cancellationToken);
        }

        return await store.ListAsync(
            query =>
            {
                query = campaign is null ? query : query.Where(a => a.CampaignRef == campaign);
                query = type is null ? query : query.Where(a => a.Type == type);
                return status is null ? query : query.Where(a => a.Status == status);
            },
            SortKeys,
            page,
            cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found, invalid or stale.</exception>
    public Task<Analysis> PatchAsync(Guid id, long? expected, Func<AnalysisDraft, AnalysisDraft> change, CancellationToken cancellationToken = default) =>
        store.UpdateAsync(
            id,
            expected,
            analysis =>
            {
                change(AnalysisDraft.Of(analysis)).ApplyTo(analysis, context.Now());
                RuleErrors.Require(analysis, AnalysisRules.Check);
            },
            cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }
}
