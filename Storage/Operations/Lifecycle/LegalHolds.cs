using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>What is asked for when records are put under a hold; see <see cref="LegalHold"/>.</summary>
/// <param name="Reason">Why; 1 to 500 characters.</param>
/// <param name="RecordType">Name of the records' table; null for all.</param>
/// <param name="Subject">The person the records are about; null for all.</param>
/// <param name="RecordId">One record; null for all.</param>
/// <param name="Until">In the future; null until the hold is released.</param>
public sealed record LegalHoldDraft(string Reason, string? RecordType = null, string? Subject = null, Guid? RecordId = null, DateTimeOffset? Until = null);

/// <summary>The holds of the caller's tenant.</summary>
public sealed class LegalHolds(StoreContext context, RecordStore<LegalHold> store)
{
    private const int MostReason = 500;
    private const int MostSubject = 200;
    private static readonly SortKey<LegalHold>[] SortKeys = [SortKey<LegalHold>.By("createdAt", h => h.Id)];

    /// <exception cref="ProblemException">Of kind invalid.</exception>
    public Task<LegalHold> CreateAsync(LegalHoldDraft draft, CancellationToken cancellationToken = default)
    {
        var errors = Check(draft).ToList();
        if (errors.Count > 0)
        {
            throw new ProblemException(ProblemKind.Invalid, string.Join(' ', errors.Select(e => e.Message)), errors);
        }

        var until = draft.Until is { } at ? new DateTime(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc) : (DateTime?)null;
        return store.CreateAsync(new LegalHold { Reason = draft.Reason, RecordType = draft.RecordType, Subject = draft.Subject, RecordId = draft.RecordId, Until = until }, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<LegalHold> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <summary>Those in force and those whose time is over, not the released ones.</summary>
    public Task<Page<LegalHold>> ListAsync(PageRequest page, CancellationToken cancellationToken = default) => store.ListAsync(null, SortKeys, page, cancellationToken);

    /// <summary>Ends a hold. It is kept, with who ended it and why.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task ReleaseAsync(Guid id, long? expected, string? reason, CancellationToken cancellationToken = default) => store.DeleteAsync(id, expected, reason, cancellationToken);

    private IEnumerable<ProblemError> Check(LegalHoldDraft draft)
    {
        if (string.IsNullOrWhiteSpace(draft.Reason) || draft.Reason.Length > MostReason)
        {
            yield return new ProblemError("reason", "length", $"reason must have 1 to {MostReason} characters.");
        }

        var types = RecordType.All(context.Model);
        var type = types.FirstOrDefault(t => t.Name == draft.RecordType);
        if (draft.RecordType is not null && type is null)
        {
            yield return new ProblemError("recordType", "known-type", $"recordType must be one of {string.Join(", ", types.Select(t => t.Name))}; it is '{draft.RecordType}'.");
        }

        if (draft.Subject is not null && (draft.Subject.Length is 0 or > MostSubject || (type ?? types.FirstOrDefault(t => t.SubjectProperty is not null))?.SubjectProperty is null))
        {
            yield return new ProblemError("subject", "subject", type is { SubjectProperty: null }
                ? $"{type.Name} are not about a person; leave subject out."
                : $"subject must have 1 to {MostSubject} characters.");
        }

        if (draft.Until <= context.Now())
        {
            yield return new ProblemError("until", "future", $"until must be in the future; it is {draft.Until:yyyy-MM-ddTHH:mm:ssZ}.");
        }
    }
}
