using System.Text.Json.Nodes;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>
/// The queue of jobs, which is the job table itself: any number of workers in any number of processes share it. A worker holds a job by a lease that it renews;
/// when it dies the lease runs out and another goes on from the checkpoint.
/// </summary>
public sealed class ImportQueue(StoreContext context, ImportSettings settings, TimeProvider time, AuditTrail audit)
{
    private static readonly string[] NoTenant = [StoreContext.TenantFilter];

    private TimeSpan LeaseTime => TimeSpan.FromSeconds(settings.LeaseSeconds);

    /// <summary>A job whosever it is; for the process itself, not for callers.</summary>
    public static Task<ImportJob> FindAnyTenantAsync(StoreContext context, Guid id, CancellationToken cancellationToken = default) =>
        context.Set<ImportJob>().IgnoreQueryFilters(NoTenant).AsNoTracking().SingleAsync(j => j.Id == id, cancellationToken);

    /// <summary>Takes the oldest job that waits or whose worker is gone; null where there is none.</summary>
    public async Task<ImportJob?> ClaimAsync(CancellationToken cancellationToken = default)
    {
        var lease = RecordId.Next(time);
        var now = context.Now();
        var until = now + LeaseTime;
        // SKIP LOCKED: workers that look at the same moment get different jobs instead of waiting for each other. SQLite has one writer at a time.
        var taken = context.Dialect == StoreDialect.Postgres
            ? await context.Database.ExecuteSqlAsync($"""
                UPDATE import_jobs SET status = 'Running', lease = {lease}, lease_until = {until}, attempts = attempts + 1, started_at = coalesce(started_at, {now}), updated_at = {now}
                WHERE id = (SELECT id FROM import_jobs WHERE deleted_at IS NULL AND (status = 'Queued' OR (status = 'Running' AND lease_until < {now}))
                            ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                """, cancellationToken)
            : await ClaimOnSqliteAsync(lease, now, until, cancellationToken);
        return taken == 0 ? null : await context.Set<ImportJob>().IgnoreQueryFilters(NoTenant).AsNoTracking().SingleAsync(j => j.Lease == lease, cancellationToken);
    }

    /// <summary>Holds the job for another lease time. False where it is no longer this worker's, or a caller wants it stopped.</summary>
    public async Task<bool> RenewAsync(ImportJob job, CancellationToken cancellationToken = default)
    {
        var now = context.Now();
        var held = await Held(job).AsNoTracking().Where(j => !j.CancelRequested).Select(j => new { j.LeaseUntil }).SingleOrDefaultAsync(cancellationToken);
        if (held is null || held.LeaseUntil - now > LeaseTime / 2)
        {
            // Each batch prolongs the lease as well. To write here meanwhile would only wait for the batch, which holds the row.
            return held is not null;
        }

        var until = now + LeaseTime;
        return await Held(job).ExecuteUpdateAsync(s => s.SetProperty(j => j.LeaseUntil, until), cancellationToken) == 1;
    }

    /// <summary>Lets the job go so that another worker takes it at once; for an orderly stop.</summary>
    public Task<int> ReleaseAsync(ImportJob job, CancellationToken cancellationToken = default) =>
        Held(job).ExecuteUpdateAsync(s => s.SetProperty(j => j.Status, ImportStatus.Queued).SetProperty(j => j.Lease, (Guid?)null).SetProperty(j => j.Attempts, j => Math.Max(0, j.Attempts - 1)), cancellationToken);

    /// <summary>
    /// Puts the job off: nobody holds it until the time is over, other jobs are taken up meanwhile, and this run of it does not count as an attempt. False where it is no longer this
    /// worker's, or a caller wants it stopped.
    /// </summary>
    public async Task<bool> PutOffAsync(ImportJob job, TimeSpan pause, CancellationToken cancellationToken = default)
    {
        var until = context.Now() + pause;
        return await Held(job).Where(j => !j.CancelRequested).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.Lease, (Guid?)null).SetProperty(j => j.LeaseUntil, until).SetProperty(j => j.Attempts, j => Math.Max(0, j.Attempts - 1)), cancellationToken) == 1;
    }

    /// <summary>Ends the job, and notes it in the audit. False where it is no longer this worker's.</summary>
    public Task<bool> FinishAsync(ImportJob job, ImportStatus status, string? error, CancellationToken cancellationToken = default) =>
        context.TransactAsync(async ct =>
        {
            var now = context.Now();
            bool ended = await Held(job).ExecuteUpdateAsync(
                s => s.SetProperty(j => j.Status, status).SetProperty(j => j.Error, error).SetProperty(j => j.FinishedAt, now).SetProperty(j => j.UpdatedAt, now)
                    .SetProperty(j => j.Lease, (Guid?)null).SetProperty(j => j.LeaseUntil, (DateTime?)null).SetProperty(j => j.Revision, j => j.Revision + 1),
                ct) == 1;
            if (ended)
            {
                await NoteEndAsync(job.Id, ct);
            }

            return ended;
        }, cancellationToken);

    /// <summary>The event of a job that has come to its end, whichever; in the transaction that ends it.</summary>
    internal async Task NoteEndAsync(Guid id, CancellationToken cancellationToken)
    {
        var job = await FindAnyTenantAsync(context, id, cancellationToken);
        var details = new JsonObject
        {
            ["target"] = job.Target,
            ["status"] = job.Status.ToString().ToLowerInvariant(),
            ["sha256"] = job.ContentHash,
            ["rows"] = job.RowsRead,
            ["loaded"] = job.RowsLoaded,
            ["updated"] = job.RowsUpdated,
            ["skipped"] = job.RowsSkipped,
            ["rejected"] = job.RowsRejected,
        };
        await audit.NoteAsync(new AuditNote(AuditAction.Import, "import_jobs", id, job.RowsLoaded + job.RowsUpdated, Details: details) { Tenant = job.Tenant }, cancellationToken);
    }

    /// <summary>Ends the job as cancelled where a caller asked for that. False where none did, or where it is no longer this worker's.</summary>
    public async Task<bool> FinishCancelledAsync(ImportJob job, CancellationToken cancellationToken = default) =>
        await Held(job).AnyAsync(j => j.CancelRequested, cancellationToken) && await FinishAsync(job, ImportStatus.Cancelled, null, cancellationToken);

    /// <summary>The job while this run of this worker holds it.</summary>
    internal IQueryable<ImportJob> Held(ImportJob job)
    {
        var (id, lease) = (job.Id, job.Lease);
        return context.Set<ImportJob>().IgnoreQueryFilters(NoTenant).Where(j => j.Id == id && j.Lease == lease && j.Status == ImportStatus.Running);
    }

    private async Task<int> ClaimOnSqliteAsync(Guid lease, DateTime now, DateTime until, CancellationToken cancellationToken)
    {
        // Looking takes no lock. An idle worker that wrote, once a second, would hold up the one that loads, and wait for it.
        if (!await context.Set<ImportJob>().IgnoreQueryFilters(NoTenant).AnyAsync(j => j.Status == ImportStatus.Queued || (j.Status == ImportStatus.Running && j.LeaseUntil < now), cancellationToken))
        {
            return 0;
        }

        var (leaseBytes, nowMicroseconds, untilMicroseconds) = (lease.ToByteArray(true), SqliteEncoding.ToMicroseconds(now), SqliteEncoding.ToMicroseconds(until));
        return await context.Database.ExecuteSqlAsync($"""
            UPDATE import_jobs SET status = 'Running', lease = {leaseBytes}, lease_until = {untilMicroseconds}, attempts = attempts + 1,
                started_at = coalesce(started_at, {nowMicroseconds}), updated_at = {nowMicroseconds}
            WHERE id = (SELECT id FROM import_jobs WHERE deleted_at IS NULL AND (status = 'Queued' OR (status = 'Running' AND lease_until < {nowMicroseconds}))
                        ORDER BY created_at LIMIT 1)
            """, cancellationToken);
    }
}
