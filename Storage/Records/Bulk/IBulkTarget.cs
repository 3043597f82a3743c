namespace CloudStore.Storage.Records.Bulk;

/// <summary>How one database takes a batch; called inside a transaction.</summary>
internal interface IBulkTarget<T>
    where T : Record
{
    Task<BulkResult> WriteAsync(StoreContext context, BulkPlan<T> plan, BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, CancellationToken cancellationToken);
}
