using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Lets the keeper's process take events into the log, twice a second unless the setting says otherwise, and once more when it stops.</summary>
internal sealed partial class AuditLogService(AuditLogKeeper keeper, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditLogService> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = TimeSpan.FromMilliseconds(options.Value.IntervalMilliseconds);
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = await RoundAsync(stoppingToken) ? interval : Pause;
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RoundAsync(cancellationToken);
        keeper.Dispose();
    }

    private async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keeper.RunOnceAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                Failed(logger, e.GetBaseException().Message);
            }

            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Audit events could not be taken into the log; they wait in the table. {Reason}")]
    private static partial void Failed(ILogger logger, string reason);
}
