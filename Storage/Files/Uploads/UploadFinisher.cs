using System.Collections.Concurrent;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>
/// Makes files of complete uploads apart from the requests that complete them: one that ends, or times out, ends nothing. Of each upload one file is made at a time: whoever asks in this process
/// gets the run that is under way, and a lease on the upload, which a killed process loses within <see cref="Lease"/>, keeps other processes away.
/// </summary>
public sealed partial class UploadFinisher(IServiceProvider services, TimeProvider time, ILogger<UploadFinisher> logger) : IHostedService, IDisposable
{
    /// <summary>A run prolongs its lease well within this time.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Guid, Lazy<Task<bool>>> _running = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _stopped;

    /// <summary>Makes a file of a complete upload, or joins whoever does it in this process.</summary>
    /// <param name="actor">Whose work it is in the audit.</param>
    /// <returns>False where another process is at it, or it is done.</returns>
    public Task<bool> FinishAsync(FileUpload upload, string actor)
    {
        var (id, caller) = (upload.Id, Caller.System(upload.Tenant, actor));
        return _running.GetOrAdd(id, _ => new Lazy<Task<bool>>(() => Task.Run(() => RunAsync(id, caller)))).Value;
    }

    /// <summary>The same, for somebody who does not wait for it.</summary>
    public void Start(FileUpload upload, string actor) => _ = WatchAsync(upload.Id, FinishAsync(upload, actor));

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host may be told to stop again when it has taken its services apart.
        if (Interlocked.Exchange(ref _stopped, true))
        {
            return;
        }

        await _stop.CancelAsync();
        Task all = Task.WhenAll(_running.Values.Select(r => r.Value));
        await all.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task<bool> RunAsync(Guid id, Caller caller)
    {
        try
        {
            await using var scope = services.CreateScopeFor(caller);
            var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
            if (!await ClaimAsync(context, id))
            {
                return false;
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var renewal = RenewAsync(id, caller, ended.Token);
            try
            {
                var upload = await scope.ServiceProvider.GetRequiredService<RecordStore<FileUpload>>().FindAsync(id, _stop.Token);
                await scope.ServiceProvider.GetRequiredService<UploadFinish>().RunAsync(upload, _stop.Token);
                return true;
            }
            finally
            {
                await ended.CancelAsync();
                await renewal;
                await TrySetAsync(id, caller, null);
            }
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    private async Task<bool> ClaimAsync(StoreContext context, Guid id)
    {
        var (now, until) = (context.Now(), context.Now() + Lease);
        return await context.Set<FileUpload>().Where(u => u.Id == id && !u.IsDone && (u.FinishingUntil == null || u.FinishingUntil <= now))
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.FinishingUntil, until), _stop.Token) == 1;
    }

    private async Task RenewAsync(Guid id, Caller caller, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(Lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                await TrySetAsync(id, caller, Lease);
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }

    private async Task TrySetAsync(Guid id, Caller caller, TimeSpan? lease)
    {
        try
        {
            await using var scope = services.CreateScopeFor(caller);
            var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
            var until = context.Now() + lease;
            await context.Set<FileUpload>().Where(u => u.Id == id).ExecuteUpdateAsync(s => s.SetProperty(u => u.FinishingUntil, until), CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotSet(logger, id, e.GetBaseException().Message);
        }
    }

    private async Task WatchAsync(Guid id, Task run)
    {
        try
        {
            await run;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotFinished(logger, id, e.GetBaseException().Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The lease on the upload {Upload} could not be written: {Reason}")]
    private static partial void NotSet(ILogger logger, Guid upload, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The upload {Upload} could not be made a file: {Reason}")]
    private static partial void NotFinished(ILogger logger, Guid upload, string reason);
}
