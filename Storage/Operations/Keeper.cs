using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations;

/// <summary>
/// The background work of an installation, once an hour: removes staged uploads that no job waits for, answers kept for
/// Idempotency-Keys that have expired, cached entries of the database that are over, and records whose time is over; moves old audit events to the archive where a setting wants that. Every step may run in
/// several processes at once
/// without harm, so it needs no lock.
/// </summary>
public sealed partial class Keeper(IServiceProvider services, TimeProvider time, IOptions<AuditOptions> audit, ILogger<Keeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>An upload that takes longer than this is given up.</summary>
    private static readonly TimeSpan StagedFor = TimeSpan.FromHours(24);

    /// <summary>Does everything that is due. A step that fails is logged, and the others are done.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await StepAsync("expired Idempotency-Keys", s => s.GetRequiredService<IdempotencyStore>().RemoveExpiredAsync(cancellationToken), cancellationToken);
        await StepAsync("the cache", s => s.GetService<DatabaseCleanup>()?.RemoveOverAsync(cancellationToken) ?? Task.CompletedTask, cancellationToken);
        await StepAsync("retention", s => s.GetRequiredService<Retention>().RunAsync(cancellationToken), cancellationToken);
        await StepAsync("retention of persons", s => s.GetRequiredService<PersonalRetention>().RunAsync(cancellationToken), cancellationToken);
        await StepAsync("staged uploads", s => RemoveOrphansAsync(s.GetRequiredService<StoreContext>(), s.GetRequiredService<StagedContents>(), cancellationToken), cancellationToken);
        if (audit.Value.KeepDays is { } days)
        {
            var before = (time.GetUtcNow() - TimeSpan.FromDays(days)).UtcDateTime;
            await StepAsync("the audit's archive", s => s.GetRequiredService<AuditArchive>().MoveAsync(before, "keeper", cancellationToken), cancellationToken);
        }

        await StepAsync("former versions", s => FormerVersions.RemoveLeftAsync(s.GetRequiredService<StoreContext>(), cancellationToken), cancellationToken);

        // Last: what waits for a file storage that is away keeps nothing else waiting.
        await StepAsync("files", s => s.GetService<FileKeeper>()?.RunAsync(cancellationToken) ?? Task.CompletedTask, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await RunOnceAsync(stoppingToken);
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StepAsync(string step, Func<IServiceProvider, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = services.CreateAsyncScope();
            await run(scope.ServiceProvider);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            Failed(logger, step, e);
        }
    }

    private async Task RemoveOrphansAsync(StoreContext context, StagedContents contents, CancellationToken cancellationToken)
    {
        int removed = 0;
        await foreach (var name in contents.ListOlderThanAsync(time.GetUtcNow() - StagedFor, cancellationToken))
        {
            bool wanted = await context.Set<ImportJob>().IgnoreQueryFilters([StoreContext.TenantFilter])
                .AnyAsync(j => j.Content == name && (j.Status == ImportStatus.Queued || j.Status == ImportStatus.Running), cancellationToken);
            wanted = wanted || await context.Set<UploadSegment>().IgnoreQueryFilters().AnyAsync(s => s.Content == name, cancellationToken);
            if (!wanted)
            {
                await contents.DeleteAsync(name, overwrite: true, cancellationToken);
                removed++;
            }
        }

        if (removed > 0)
        {
            Removed(logger, removed);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Removed {Count} staged uploads that no import waits for.")]
    private static partial void Removed(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Error, "The keeper failed at {Step}; it is tried again in an hour.")]
    private static partial void Failed(ILogger logger, string step, Exception exception);
}
