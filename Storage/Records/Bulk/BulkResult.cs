namespace CloudStore.Storage.Records.Bulk;

/// <summary>What became of the rows of a bulk write; the four add up to the rows given.</summary>
/// <param name="Inserted">Rows that are new.</param>
/// <param name="Updated">Rows that replaced a stored row, or were replaced by a later row of the same batch.</param>
/// <param name="Skipped">Rows left out because their key was there.</param>
/// <param name="Rejected">Indexes of the rows refused because their key was there, rising.</param>
public sealed record BulkResult(long Inserted, long Updated, long Skipped, IReadOnlyList<int> Rejected);
