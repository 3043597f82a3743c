using CloudStore.Storage.Operations.Lifecycle;

namespace CloudStore.Api.Lifecycle;

/// <summary>A legal hold as the API shows it; what is null holds all.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Reason">Why.</param>
/// <param name="RecordType">Name of the records' table.</param>
/// <param name="Subject">The person the records are about.</param>
/// <param name="RecordId">One record.</param>
/// <param name="Until">UTC; null until it is released.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Revision">The ETag.</param>
public sealed record LegalHoldView(Guid Id, string Reason, string? RecordType, string? Subject, Guid? RecordId, DateTime? Until, DateTime CreatedAt, long Revision)
{
    public static LegalHoldView Of(LegalHold hold) => new(hold.Id, hold.Reason, hold.RecordType, hold.Subject, hold.RecordId, hold.Until, hold.CreatedAt, hold.Revision);
}

/// <summary>Whose data is to be erased.</summary>
/// <param name="Subject">The person, as the records name them.</param>
public sealed record ErasureDraft(string Subject);
