namespace CloudStore.ServiceDefaults.Problems;

/// <summary>One broken rule: where, in the input's own terms, and what the rule is.</summary>
/// <param name="Field">The field as the caller wrote it, e.g. <c>impressions</c>, <c>[3].spend</c>, <c>dateFormat</c>.</param>
/// <param name="Rule">A stable id of the rule, e.g. <c>not-negative</c>.</param>
/// <param name="Message">A sentence that says what is wrong and what would be right.</param>
public sealed record ProblemError(string Field, string Rule, string Message);

/// <summary>
/// A failure the caller can do something about. It is answered as RFC 9457 problem details with <see cref="Kind"/>'s status, type and title.
/// </summary>
public sealed class ProblemException(ProblemKind kind, string detail, IReadOnlyList<ProblemError>? errors = null, Exception? inner = null)
    : Exception(detail, inner)
{
    public ProblemKind Kind { get; } = kind;

    /// <summary>The broken rules, or empty where the problem is not about fields.</summary>
    public IReadOnlyList<ProblemError> Errors { get; } = errors ?? [];

    /// <summary>How long the caller should wait before trying again; sent as Retry-After.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A problem with one field.</summary>
    public static ProblemException ForField(ProblemKind kind, string field, string rule, string message) =>
        new(kind, message, [new ProblemError(field, rule, message)]);
}
