namespace CloudStore.Storage.Protection.Audit;

/// <summary>Something that is not as the product left it.</summary>
/// <param name="Sequence">The event's; of one that cannot be read any more, that of its neighbour before.</param>
/// <param name="Index">Where it stands in the log; null where it does not.</param>
/// <param name="Id">The event's; null where it cannot be told.</param>
/// <param name="What">What was done to it, for a human.</param>
public sealed record AuditFinding(long Sequence, long? Index, Guid? Id, string What)
{
    public override string ToString() => Id is null && Index is null ? What : $"Event {Id?.ToString() ?? "(unreadable)"}, sequence {Sequence}{(Index is { } i ? $", log index {i}" : "")}: {What}";
}

/// <summary>What a verification found.</summary>
/// <param name="Size">Events in the log.</param>
/// <param name="Archived">Of these, how many were moved to the archive.</param>
/// <param name="HashesOnly">Of these, how many are in the log by their hash only: their archive is elsewhere.</param>
/// <param name="Pending">Events in the table that the log has not taken yet.</param>
/// <param name="Findings">What is wrong, the first event first; at most <see cref="MostFindings"/>.</param>
public sealed record AuditReport(long Size, long Archived, long HashesOnly, long Pending, IReadOnlyList<AuditFinding> Findings)
{
    public const int MostFindings = 1000;

    public bool IsGood => Findings.Count == 0;
}
