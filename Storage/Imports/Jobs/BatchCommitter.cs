using System.Text.Json;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>The worker that wrote this is no longer the job's: another took over, or a caller stopped it. What it tried to commit was rolled back.</summary>
public sealed class LeaseLostException() : Exception("The job is no longer held by this worker.");

/// <summary>
/// Commits a batch: its rows, its rejects, and the job's counters and checkpoint, in one transaction that holds only while the job is this worker's. A batch is
/// therefore counted exactly when its rows are there.
/// </summary>
internal sealed class BatchCommitter(StoreContext context, ImportQueue queue, ImportJob job, TimeSpan lease)
{
    private readonly BulkWriter<ImportReject> _rejects = new(context);

    /// <exception cref="LeaseLostException">Nothing of the batch was committed.</exception>
    public Task CommitAsync(ImportBatch batch, SurveyResult? survey, CancellationToken cancellationToken)
    {
        var checkpoint = JsonSerializer.Serialize(new ImportCheckpoint(batch.Position!, batch.Delimiter, survey), ImportJson.Default.ImportCheckpoint);
        return context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            if (!await CountAsync(batch, checkpoint, ct))
            {
                // After a commit whose answer was lost the batch is in already: the counters say so.
                long after = job.RowsRead + batch.Rows;
                var committed = await queue.Held(job).Where(j => j.RowsRead == after).Select(j => new { j.RowsRead, j.RowsRejected }).SingleOrDefaultAsync(ct)
                    ?? throw new LeaseLostException();
                (job.RowsRead, job.RowsRejected) = (committed.RowsRead, committed.RowsRejected);
                return;
            }

            var (result, rejected) = await batch.WriteAsync(context, ct);
            await _rejects.WriteAsync([.. rejected.Select(ToRecord)], ConflictMode.Reject, cancellationToken: ct);
            long rejects = rejected.Count;
            await queue.Held(job).ExecuteUpdateAsync(
                s => s.SetProperty(j => j.RowsLoaded, j => j.RowsLoaded + result.Inserted).SetProperty(j => j.RowsUpdated, j => j.RowsUpdated + result.Updated)
                    .SetProperty(j => j.RowsSkipped, j => j.RowsSkipped + result.Skipped).SetProperty(j => j.RowsRejected, j => j.RowsRejected + rejects),
                ct);
            await transaction.CommitAsync(ct);
            job.RowsRead += batch.Rows;
            job.RowsRejected += rejects;
        }, cancellationToken);
    }

    // First in the transaction: it locks the job's row, so that a second worker which believes to hold it waits here and then finds that it does not.
    private async Task<bool> CountAsync(ImportBatch batch, string checkpoint, CancellationToken cancellationToken)
    {
        long before = job.RowsRead;
        long after = before + batch.Rows;
        long bytes = batch.SourceBytes;
        var now = context.Now();
        var until = now + lease;
        return await queue.Held(job).Where(j => j.RowsRead == before && !j.CancelRequested).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.RowsRead, after).SetProperty(j => j.BytesRead, bytes).SetProperty(j => j.Checkpoint, checkpoint).SetProperty(j => j.Attempts, 1)
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
