using System.Diagnostics;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Audit;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// Writes many records at once, past change tracking: binary COPY on Postgres, one prepared statement on SQLite. It stamps id, tenant, times and
/// revision as saving does. It writes in the context's current transaction, or in one of its own: all rows or none. Made for one sender of batches at a time.
/// </summary>
/// <param name="context">A context in use for a tenant.</param>
public sealed class BulkWriter<T>(StoreContext context)
    where T : Record
{
    private readonly BulkPlan<T> _plan = BulkPlan<T>.For(context);
    private readonly IBulkTarget<T> _target = context.Dialect == StoreDialect.Postgres ? new PostgresBulkTarget<T>() : new SqliteBulkTarget<T>();
    private Guid[] _ids = [];

    /// <param name="rows">The records; their engine-kept properties are set here.</param>
    /// <param name="mode">What happens to rows whose key exists.</param>
    /// <param name="updateProperties">The properties an update replaces; null for all.</param>
    /// <param name="cancellationToken">Cancels between and within database calls; the transaction is then rolled back.</param>
    public Task<BulkResult> WriteAsync(IReadOnlyList<T> rows, ConflictMode mode, IReadOnlySet<string>? updateProperties = null, CancellationToken cancellationToken = default) =>
        WriteAsync(Sort(rows, mode), mode, updateProperties, cancellationToken);

    /// <summary>The part of a write that needs no database, for a sender who does it while an earlier batch is still being written.</summary>
    internal BulkBatch<T> Sort(IReadOnlyList<T> rows, ConflictMode mode) => BulkBatch<T>.Sort(rows, _plan, mode);

    internal async Task<BulkResult> WriteAsync(BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return new BulkResult(0, 0, 0, []);
        }

        var started = Stopwatch.GetTimestamp();
        Stamp(batch);
        var result = context.Database.CurrentTransaction is not null
            ? await WriteAuditedAsync(batch, mode, updateProperties, cancellationToken)
            : await context.TransactAsync(ct => WriteAuditedAsync(batch, mode, updateProperties, ct), cancellationToken);
        RecordsMetrics.BulkWritten(_plan.Table, result, Stopwatch.GetElapsedTime(started));
        return result;
    }

    private async Task<BulkResult> WriteAuditedAsync(BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, CancellationToken cancellationToken)
    {
        // The hash is made while the database works; but where the database tells which rows are there already, encrypted rows take over their ids.
        var hasher = AuditCapture.Hasher<T>(context);
        var hashing = hasher is not null && ProtectedPlan.For(context, typeof(T)) is null ? Task.Run(() => hasher.Hash(batch), CancellationToken.None) : null;
        var result = await _target.WriteAsync(context, _plan, batch, mode, updateProperties, cancellationToken);
        if (result.Inserted + result.Updated > 0)
        {
            context.Changes?.Add(context.Tenant!, _plan.Table, addedOnly: result.Updated == 0);
        }

        if (hasher is not null)
        {
            await AuditCapture.AddAsync(context, _plan, batch, hashing is null ? hasher.Hash(batch) : await hashing, result, cancellationToken);
        }

        return result;
    }

    // Ids are given in the order of the natural keys, so that both indexes grow in one direction within a batch.
    private void Stamp(BulkBatch<T> batch)
    {
        var tenant = context.Tenant ?? throw new InvalidOperationException("A record can be saved only for a tenant: call Use first.");
        var now = context.Now();
        if (_ids.Length < batch.Count)
        {
            _ids = new Guid[batch.Count];
        }

        RecordId.Fill(_ids.AsSpan(0, batch.Count), context.Time);
        for (int i = 0; i < batch.Count; i++)
        {
            var row = batch[i];
            row.Id = _ids[i];
            row.Tenant = tenant;
            row.CreatedAt = row.UpdatedAt = now;
            row.Revision = 1;
        }

        ProtectedPlan<T>.Of(context)?.SealAll(context, batch);
    }
}
