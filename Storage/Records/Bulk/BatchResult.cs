using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>What became of a batch.</summary>
/// <param name="Inserted">Rows that are new records.</param>
/// <param name="Updated">Rows that changed a record, or were overruled by a later row of the batch with the same key.</param>
/// <param name="Skipped">Rows left out because their record was there.</param>
/// <param name="Ids">The record of each row, in the rows' order.</param>
public sealed record BatchResult(long Inserted, long Updated, long Skipped, IReadOnlyList<Guid> Ids);

/// <summary>What became of imported rows; the four add up to the rows given.</summary>
/// <param name="Inserted">Rows that are new records.</param>
/// <param name="Updated">Rows that changed a record.</param>
/// <param name="Skipped">Rows left out because their record was there.</param>
/// <param name="Rejected">Rows that break a rule, or whose key was taken where conflicts are to be rejected; in the rows' order.</param>
public sealed record RowImportResult(long Inserted, long Updated, long Skipped, IReadOnlyList<RejectedDraft> Rejected);

/// <summary>A row that was not loaded.</summary>
/// <param name="Index">Its place among the rows, from 0.</param>
/// <param name="Errors">Why.</param>
public sealed record RejectedDraft(int Index, IReadOnlyList<ProblemError> Errors);
