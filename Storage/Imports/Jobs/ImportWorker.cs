using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>
/// Takes one job from the queue and sees it through: renews the lease while it runs, ends it when a caller cancels, lets it go when the process stops, and puts it off while a store is away.
/// </summary>
public sealed partial class ImportWorker(IServiceProvider services, ImportSettings settings, TimeProvider time, ILogger<ImportWorker> logger)
{
    private const string Part = "import";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <returns>False where the queue had nothing.</returns>
    public async Task<bool> RunNextAsync(CancellationToken stopping)
    {
        ImportJob? job;
        await using (var scope = services.CreateAsyncScope())
        {
            job = await scope.ServiceProvider.GetRequiredService<ImportQueue>().ClaimAsync(stopping);
        }

        if (job is null)
        {
            return false;
        }

        await RunAsync(job, stopping);
        return true;
    }

    private async Task RunAsync(ImportJob job, CancellationToken stopping)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var finished = new CancellationTokenSource();
        var renewing = RenewAsync(job, held, finished.Token);
        Started(logger, job.Id, job.Target, job.RowsRead, job.Attempts);
        try
        {
            await using var scope = services.CreateScopeFor(Caller.System(job.Tenant, Part));
            await scope.ServiceProvider.GetRequiredService<ImportRunner>().RunAsync(job, held.Token);
            Ended(logger, job.Id, job.RowsRead, job.RowsRejected);
        }
        catch (Exception e) when (e is LeaseLostException || (e is OperationCanceledException && held.IsCancellationRequested))
        {
            await LetGoAsync(job, stopping.IsCancellationRequested);
        }
        catch (Exception e) when (ImportRunner.IsStoreAway(e))
        {
            await PutOffAsync(job, e);
        }
        finally
        {
            await finished.CancelAsync();
            await renewing;
        }
    }

    private async Task RenewAsync(ImportJob job, CancellationTokenSource held, CancellationToken finished)
    {
        // Often enough to notice a cancellation within a second or two, and to hold the lease through two failed attempts.
        var pause = TimeSpan.FromSeconds(Math.Min(1, settings.LeaseSeconds / 3));
        while (!finished.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, finished);
                await using var scope = services.CreateAsyncScope();
                if (!await scope.ServiceProvider.GetRequiredService<ImportQueue>().RenewAsync(job, finished))
                {
                    await held.CancelAsync();
                    return;
                }
            }
            catch (OperationCanceledException) when (finished.IsCancellationRequested)
            {
                // The run is over.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Without the database the batches fail as well; whoever reaches it first after the lease has run out goes on.
                RenewalFailed(logger, e, job.Id);
            }
        }
    }

    // An outage is no fault of the job's, however long it lasts.
    private async Task PutOffAsync(ImportJob job, Exception away)
    {
        await using var scope = services.CreateAsyncScope();
        var queue = scope.ServiceProvider.GetRequiredService<ImportQueue>();
        if (await queue.PutOffAsync(job, Pause))
        {
            WaitsForStore(logger, job.Id, job.RowsRead, away.GetBaseException().Message);
        }
        else if (await queue.FinishCancelledAsync(job))
        {
            // Its file is left to the keeper: the storage may be what is away.
            Cancelled(logger, job.Id, job.RowsRead);
        }
    }

    private async Task LetGoAsync(ImportJob job, bool stopping)
    {
        await using var scope = services.CreateAsyncScope();
        var queue = scope.ServiceProvider.GetRequiredService<ImportQueue>();
        if (stopping)
        {
            await queue.ReleaseAsync(job);
        }
        else if (await queue.FinishCancelledAsync(job))
        {
            Cancelled(logger, job.Id, job.RowsRead);
            await scope.ServiceProvider.GetRequiredService<StagedContents>().DeleteAsync(job.Content);
        }
        else
        {
            Lost(logger, job.Id);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Import {Job} into {Target} starts behind row {Row} (attempt {Attempt}).")]
    private static partial void Started(ILogger logger, Guid job, string target, long row, int attempt);

    [LoggerMessage(2, LogLevel.Information, "Import {Job} ended: {Rows} rows read, {Rejected} rejected.")]
    private static partial void Ended(ILogger logger, Guid job, long rows, long rejected);

    [LoggerMessage(3, LogLevel.Information, "Import {Job} was cancelled behind row {Row}.")]
    private static partial void Cancelled(ILogger logger, Guid job, long row);

    [LoggerMessage(4, LogLevel.Warning, "Import {Job} was taken over by another worker.")]
    private static partial void Lost(ILogger logger, Guid job);

    [LoggerMessage(5, LogLevel.Warning, "The lease of import {Job} could not be renewed.")]
    private static partial void RenewalFailed(ILogger logger, Exception exception, Guid job);

    [LoggerMessage(6, LogLevel.Warning, "Import {Job} waits behind row {Row} for a store that is away: {Reason}")]
    private static partial void WaitsForStore(ILogger logger, Guid job, long row, string reason);
}
