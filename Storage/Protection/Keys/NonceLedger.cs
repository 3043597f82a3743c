using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// Adds up, once a minute and when the process stops, how many nonce prefixes were drawn under each key, over all processes. What a killed process does not record is at most a minute's
/// draws; the limit leaves room for many.
/// </summary>
internal sealed partial class NonceLedger(IServiceProvider services, KeyRing ring, TimeProvider time, ILogger<NonceLedger> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    public async Task RecordAsync(CancellationToken cancellationToken)
    {
        var drawn = ring.TakePrefixes();
        if (drawn.Count == 0)
        {
            return;
        }

        await using var scope = services.CreateAsyncScope();
        var keys = scope.ServiceProvider.GetRequiredService<StoreContext>().Set<DataKey>();
        int recorded = 0;
        try
        {
            foreach (var (key, count) in drawn)
            {
                await keys.Where(k => k.Id == key).ExecuteUpdateAsync(s => s.SetProperty(k => k.NoncePrefixes, k => k.NoncePrefixes + count), cancellationToken);
                recorded++;
            }
        }
        finally
        {
            foreach (var (key, count) in drawn.Skip(recorded))
            {
                ring.CountPrefixes(key, count);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryAsync(stoppingToken);
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RecordAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotRecorded(logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The nonce prefixes that were drawn could not be recorded; they are counted again later.")]
    private static partial void NotRecorded(ILogger logger, Exception exception);
}
