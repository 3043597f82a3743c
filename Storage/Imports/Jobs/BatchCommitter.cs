using System.Text.Json;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>The worker that wrote this is no longer the job's: another took over, or a caller stopped it. What it tried to commit was rolled back.</summary>
public sealed class LeaseLostException() : Exception("The job is no longer held by this worker.");

/// <summary>
/// Commits batches: their rows, their rejects, and the job's counters and checkpoint, in one transaction that holds only while the job is this worker's. A batch
/// is therefore counted exactly when its rows are there. On Postgres each batch is a transaction; on SQLite several share one, since each commit there writes
/// every index page that was touched.
/// </summary>
/// <remarks>
/// On SQLite a commit here does not wait for the disk: a loss of power may take back the last ones, rows and checkpoint together, and the job goes on from the one before. What says
/// that the job is done is a commit that waits, and SQLite's log is flushed in its order.
/// </remarks>
internal sealed class BatchCommitter(StoreContext context, ImportQueue queue, ImportJob job, ImportSettings settings) : IAsyncDisposable
{
    private readonly BulkWriter<ImportReject> _rejects = new(context);
    private readonly int _most = context.Dialect == StoreDialect.Sqlite ? settings.SqliteBatches : 1;
    private IDbContextTransaction? _transaction;
    private int _batches;
    private bool _open;

    /// <exception cref="LeaseLostException">Nothing of the transaction was committed.</exception>
    public Task AddAsync(ImportBatch batch, SurveyResult? survey, CancellationToken cancellationToken)
    {
        var checkpoint = JsonSerializer.Serialize(new ImportCheckpoint(batch.Position!, batch.Delimiter, survey), ImportJson.Default.ImportCheckpoint);
        if (_transaction is not null)
        {
            return WriteAsync(batch, checkpoint, cancellationToken);
        }

        return context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            // Left by an attempt that failed.
            await DisposeAsync();
            await context.Database.OpenConnectionAsync(ct);
            _open = true;
            await WaitForDiskAsync(false, ct);
            _transaction = await context.Database.BeginTransactionAsync(ct);
            await WriteAsync(batch, checkpoint, ct);
        }, cancellationToken);
    }

    /// <summary>Commits what was added since the last commit.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_transaction is { } transaction)
        {
            await transaction.CommitAsync(cancellationToken);
            await DisposeAsync();
        }
    }

    /// <summary>What was added and not committed is rolled back; the job goes on behind the last commit.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_transaction is { } transaction)
        {
            (_transaction, _batches) = (null, 0);
            await transaction.DisposeAsync();
        }

        if (_open)
        {
            _open = false;
            // The connection goes back to the pool as it came.
            await WaitForDiskAsync(true, CancellationToken.None);
            await context.Database.CloseConnectionAsync();
        }
    }

    private Task WaitForDiskAsync(bool waits, CancellationToken cancellationToken) =>
        context.Dialect == StoreDialect.Sqlite ? context.Database.ExecuteSqlRawAsync(waits ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", cancellationToken) : Task.CompletedTask;

    private async Task WriteAsync(ImportBatch batch, string checkpoint, CancellationToken cancellationToken)
    {
        if (!await CountAsync(batch, checkpoint, cancellationToken))
        {
            // After a commit whose answer was lost the batch is in already: the counters say so.
            long after = job.RowsRead + batch.Rows;
            var committed = await queue.Held(job).Where(j => j.RowsRead == after).Select(j => new { j.RowsRead, j.RowsRejected }).SingleOrDefaultAsync(cancellationToken)
                ?? throw new LeaseLostException();
            (job.RowsRead, job.RowsRejected) = (committed.RowsRead, committed.RowsRejected);
            await DisposeAsync();
            return;
        }

        var (result, rejected) = await batch.WriteAsync(context, cancellationToken);
        await _rejects.WriteAsync([.. rejected.Select(ToRecord)], ConflictMode.Reject, cancellationToken: cancellationToken);
        long rejects = rejected.Count;
        await queue.Held(job).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.RowsLoaded, j => j.RowsLoaded + result.Inserted).SetProperty(j => j.RowsUpdated, j => j.RowsUpdated + result.Updated)
                .SetProperty(j => j.RowsSkipped, j => j.RowsSkipped + result.Skipped).SetProperty(j => j.RowsRejected, j => j.RowsRejected + rejects),
            cancellationToken);
        if (++_batches == _most)
        {
            await CommitAsync(cancellationToken);
        }

        job.RowsRead += batch.Rows;
        job.RowsRejected += rejects;
    }

    // First in the transaction: it locks the job's row, so that a second worker which believes to hold it waits here and then finds that it does not.
    private async Task<bool> CountAsync(ImportBatch batch, string checkpoint, CancellationToken cancellationToken)
    {
        long before = job.RowsRead;
        long after = before + batch.Rows;
        long bytes = batch.SourceBytes;
        long flagged = batch.Flagged;
        var now = context.Now();
        var until = now + TimeSpan.FromSeconds(settings.LeaseSeconds);
        return await queue.Held(job).Where(j => j.RowsRead == before && !j.CancelRequested).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.RowsRead, after).SetProperty(j => j.BytesRead, bytes).SetProperty(j => j.RowsFlagged, j => j.RowsFlagged + flagged)
                .SetProperty(j => j.Checkpoint, checkpoint).SetProperty(j => j.Attempts, 1)
                .SetProperty(j => j.LeaseUntil, until).SetProperty(j => j.UpdatedAt, now),
            cancellationToken) == 1;
    }

    // Postgres holds no NUL in text; what a file has there is shown as the sign for it.
    private ImportReject ToRecord(RejectedRow row) => new()
    {
        JobId = job.Id,
        Line = row.Line,
        Column = row.Column.Replace('\0', '\u2400'),
        Value = row.Value.Replace('\0', '\u2400'),
        Reason = row.Reason.Replace('\0', '\u2400'),
        Raw = row.Raw.Replace('\0', '\u2400'),
    };
}
