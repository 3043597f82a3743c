using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>Tries, while something waits in the spool, until the database has it all.</summary>
public sealed partial class SpoolReplayer(Spool spool, SpoolReplay replay, IOptions<SpoolOptions> options, TimeProvider time, ILogger<SpoolReplayer> logger) : BackgroundService
{
    /// <summary>How often it looks for what another process left when it ended.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        spool.Open();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromMilliseconds(options.Value.RetryMilliseconds);
        var looked = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() - looked >= BetweenLooks)
                {
                    spool.Open();
                    await spool.RewrapAsync(stoppingToken);
                    looked = time.GetUtcNow();
                }

                if (spool.Count > 0 && await replay.CanReachDatabaseAsync(stoppingToken))
                {
                    Replayed(logger, await replay.RunAsync(stoppingToken));
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Interrupted(logger, e, spool.Count);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The database is back: {Count} entries of the spool were taken to it.")]
    private static partial void Replayed(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Warning, "The spool could not be taken to the database yet; {Count} entries wait.")]
    private static partial void Interrupted(ILogger logger, Exception exception, int count);
}
