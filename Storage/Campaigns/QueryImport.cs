using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Campaigns;

/// <summary>The import target <c>queries</c>: a history of questions and answers kept elsewhere before. Rows have no key; each is added.</summary>
public sealed class QueryImport : ImportTarget<QueryHistory>
{
    /// <inheritdoc/>
    public override string Name => "queries";

    /// <inheritdoc/>
    public override bool HasKey => false;

    /// <inheritdoc/>
    public override IReadOnlyList<ImportField<QueryHistory>> TypedFields { get; } =
    [
        ImportField<QueryHistory>.Text("question", nameof(QueryHistory.Question), (q, v) => q.Question = v, q => q.Question, "query", "prompt") with { Required = true },
        ImportField<QueryHistory>.Text("answer", nameof(QueryHistory.Answer), (q, v) => q.Answer = v, q => q.Answer, "response", "completion"),
        ImportField<QueryHistory>.Json("sources", nameof(QueryHistory.Sources), (q, v) => q.Sources = v, q => q.Sources, "references", "citations"),
        ImportField<QueryHistory>.Decimal("latency", nameof(QueryHistory.Latency), (q, v) => q.Latency = v, q => q.Latency, "latencyms", "durationms"),
        ImportField<QueryHistory>.Integer("feedback", nameof(QueryHistory.Feedback), (q, v) => q.Feedback = (int)Math.Clamp(v, int.MinValue, int.MaxValue), q => q.Feedback, "rating"),
        ImportField<QueryHistory>.Text("feedbackText", nameof(QueryHistory.FeedbackText), (q, v) => q.FeedbackText = v, q => q.FeedbackText, "comment"),
    ];

    /// <inheritdoc/>
    public override void Complete(QueryHistory row, string?[]? key)
    {
        // A history's rows are as they stand; nothing is derived from them.
    }

    /// <inheritdoc/>
    public override void Check(QueryHistory row, Action<string, string, string> report) => QueryRules.Check(row, report);
}
