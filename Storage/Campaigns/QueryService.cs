using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>The history of questions and answers.</summary>
public sealed class QueryService(RecordStore<QueryHistory> store)
{
    private static readonly SortKey<QueryHistory>[] SortKeys =
        [SortKey<QueryHistory>.By("createdAt", q => q.Id), SortKey<QueryHistory>.By("updatedAt", q => q.UpdatedAt), SortKey<QueryHistory>.By("latency", q => q.Latency)];

    /// <exception cref="ProblemException">Of kind invalid.</exception>
    public Task<QueryHistory> CreateAsync(QueryDraft draft, CancellationToken cancellationToken = default)
    {
        var query = new QueryHistory();
        draft.ApplyTo(query);
        RuleErrors.Require(query, QueryRules.Check);
        return store.CreateAsync(query, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<QueryHistory> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <param name="feedback">Only queries with this feedback.</param>
    /// <exception cref="ProblemException">The page request is not valid.</exception>
    public Task<Page<QueryHistory>> ListAsync(int? feedback, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(query => feedback is null ? query : query.Where(q => q.Feedback == feedback), SortKeys, page, cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found, invalid or stale.</exception>
    public Task<QueryHistory> PatchAsync(Guid id, long? expected, Func<QueryDraft, QueryDraft> change, CancellationToken cancellationToken = default) =>
        store.UpdateAsync(
            id,
            expected,
            query =>
            {
                change(QueryDraft.Of(query)).ApplyTo(query);
                RuleErrors.Require(query, QueryRules.Check);
            },
            cancellationToken);

    /// <summary>Says what somebody thought of the answer; the last word counts.</summary>
    /// <exception cref="ProblemException">Of kind not-found, invalid or stale.</exception>
    public Task<QueryHistory> RateAsync(Guid id, long? expected, FeedbackDraft feedback, CancellationToken cancellationToken = default) =>
        PatchAsync(id, expected, query => query with { Feedback = feedback.Feedback, FeedbackText = feedback.FeedbackText }, cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }
}
