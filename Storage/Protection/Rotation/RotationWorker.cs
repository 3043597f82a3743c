using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>The keeper's part: works on rotations that nobody works on, encrypts what older versions left in clear, and retires keys whose nonces are used up.</summary>
public sealed partial class RotationWorker(IServiceProvider services, RotationRunner runner, ClearRows clear, KeyOperations keys, TimeProvider time, ILogger<RotationWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Works on one rotation to its end. False where none waits.</summary>
    public async Task<bool> RunNextAsync(CancellationToken cancellationToken)
    {
        if (await runner.FindWaitingAsync(cancellationToken) is not { } rotation)
        {
            return false;
        }

        bool done = await runner.RunAsync(rotation.Id, null, cancellationToken);
        if (done)
        {
            Rotated(logger, rotation.Id);
        }

        return done;
    }

    /// <summary>Rotates the keys of tenants that have one with too many nonce prefixes.</summary>
    internal async Task RetireAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var used = await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<DataKey>()
            .Where(k => k.State == KeyState.Active && k.NoncePrefixes >= NonceSequence.MostPrefixes).Select(k => k.Owner).Distinct().ToListAsync(cancellationToken);
        foreach (var owner in used)
        {
            await keys.RotateAsync(owner, "keeper", cancellationToken: cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RetireAsync(stoppingToken);
                if (await clear.MoveAsync(stoppingToken) is > 0 and var moved)
                {
                    Moved(logger, moved);
                }

                while (await RunNextAsync(stoppingToken))
                {
                    // Until none waits.
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Failed(logger, e);
            }

            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The rotation {Id} is done: no row carries an old key's id.")]
    private static partial void Rotated(ILogger logger, Guid id);

    [LoggerMessage(2, LogLevel.Error, "A rotation of keys stopped; it goes on from where it was.")]
    private static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "{Rows} rows that an older version had written in clear are encrypted now.")]
    private static partial void Moved(ILogger logger, long rows);
}
