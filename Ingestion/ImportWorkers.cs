using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;

namespace CloudStore.Ingestion;

/// <summary>The workers of this process: <see cref="ImportSettings.Workers"/> loops that take jobs from the shared queue.</summary>
public sealed partial class ImportWorkers(
    ImportWorker worker, ImportSettings settings, ImportSignal signal, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<ImportWorkers> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The web server is stopped first and waits for its callers. A worker that went on meanwhile would be cut off at the end of that time, and its job with it.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => Task.Run(() => WorkAsync(stopping.Token), CancellationToken.None)));
    }

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
