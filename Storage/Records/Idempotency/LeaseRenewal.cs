using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>Keeps a claim alive while its request runs, until disposed. A renewal that fails is tried again in the next turn.</summary>
internal sealed partial class LeaseRenewal : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public LeaseRenewal(IdempotencyStore store, IdempotencyClaim claim, TimeProvider time, ILogger logger) => _loop = RunAsync(store, claim, time, logger, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private static async Task RunAsync(IdempotencyStore store, IdempotencyClaim claim, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(IdempotencyStore.Lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    await store.RenewAsync(claim, stop);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    NotRenewed(logger, claim.Key, e.GetBaseException().Message);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The request has ended.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The claim of Idempotency-Key {Key} was not renewed: {Reason}")]
    private static partial void NotRenewed(ILogger logger, string key, string reason);
}
