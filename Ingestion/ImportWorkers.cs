using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;

namespace CloudStore.Ingestion;

/// <summary>The workers of this process: <see cref="ImportSettings.Workers"/> loops that take jobs from the shared queue.</summary>
public sealed partial class ImportWorkers(ImportWorker worker, ImportSettings settings, ImportSignal signal, TimeProvider time, ILogger<ImportWorkers> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));

    private async Task WorkAsync(CancellationToken stopping)
    {
        var pause = TimeSpan.FromMilliseconds(settings.PollMilliseconds);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!await worker.RunNextAsync(stopping))
                {
                    await signal.WaitAsync(pause, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The database may be away, or the job met a bug; its lease runs out and it is tried again, a limited number of times.
                Failed(logger, e);
                await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "An import stopped on an unexpected failure; it will be taken up again when its lease has run out.")]
    private static partial void Failed(ILogger logger, Exception exception);
}
