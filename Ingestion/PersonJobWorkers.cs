using CloudStore.Storage.Operations.Persons;
using Microsoft.Extensions.Options;

namespace CloudStore.Ingestion;

/// <summary>The workers of this process that export and erase persons: <see cref="PersonJobOptions.Workers"/> loops that take jobs from the shared queue.</summary>
public sealed partial class PersonJobWorkers(PersonJobWorker worker, IOptions<PersonJobOptions> options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<PersonJobWorkers> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The web server is stopped first and waits for its callers; jobs are let go before.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await Task.WhenAll(Enumerable.Range(0, options.Value.Workers).Select(_ => Task.Run(() => WorkAsync(stopping.Token), CancellationToken.None)));
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        var pause = TimeSpan.FromMilliseconds(options.Value.PollMilliseconds);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await worker.RunNextAsync(stopping))
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A store may be away, or the job met a bug; its lease runs out and it is tried again, a limited number of times.
                Failed(logger, e);
            }

            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "An export or erasure of a person stopped on an unexpected failure; it will be taken up again when its lease has run out.")]
    private static partial void Failed(ILogger logger, Exception exception);
}
