using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>What a round found and did.</summary>
/// <param name="Removed">Files whose time, or whose grace, was over, or that their owners did not want kept any longer.</param>
/// <param name="Orphans">Contents that no file names.</param>
/// <param name="Uploads">Uploads that have expired.</param>
/// <param name="Verified">Contents that were read again.</param>
/// <param name="Damaged">Those of them that were missing or damaged.</param>
/// <param name="Missing">Files whose content is not there, as was seen without reading.</param>
public sealed record FileRound(int Removed, int Orphans, int Uploads, int Verified, int Damaged, int Missing);

/// <summary>The keeper's round for files. Each step may run in several processes at once, and may be killed at any moment.</summary>
public sealed partial class FileKeeper(
    StoreContext context, FileRemoval removal, FileBackends backends, MissingContents missing, FileRecords records, IServiceProvider services, IEnumerable<IPersonalRetention> wishes,
    IOptions<FilesOptions> options, ILogger<FileKeeper> logger)
{
    private const int Batch = 500;

    /// <summary>Contents that one round reads again at most; the longest not looked at come first.</summary>
    private const int MostVerified = 1000;

    /// <summary>Does what is due, for all tenants.</summary>
    public async Task<FileRound> RunAsync(CancellationToken cancellationToken = default)
    {
        var now = context.Now();
        int removed = await removal.RemoveDueAsync(now, now.AddDays(-options.Value.GraceDays), cancellationToken);
        removed += await RemoveUnwantedAsync(cancellationToken);
        int uploads = await EndUploadsAsync(now, cancellationToken);
        int orphans = 0;
        foreach (var store in backends.All.Values)
        {
            orphans += await RemoveOrphansAsync(store, now.AddHours(-options.Value.OrphanHours), cancellationToken);
        }

        int lost = await missing.FindAsync(context, records.Changed, cancellationToken);
        var (verified, damaged) = options.Value.ScrubDays is { } days ? await ScrubAsync(now.AddDays(-days), cancellationToken) : default;
        var round = new FileRound(removed, orphans, uploads, verified, damaged, lost);
        if (round != new FileRound(0, 0, 0, 0, 0, 0))
        {
            Done(logger, removed, orphans, uploads, verified, damaged, lost);
        }

        return round;
    }

    // What its owners, or their tenants, do not want kept any longer.
    private async Task<int> RemoveUnwantedAsync(CancellationToken cancellationToken)
    {
        int removed = 0;
        foreach (var wish in wishes)
        {
            await foreach (var due in wish.DueAsync(context, cancellationToken))
            {
                removed += await removal.RemoveOlderAsync(due.Tenant, due.Persons, due.Before, cancellationToken);
            }
        }

        return removed;
    }

    private async Task<int> RemoveOrphansAsync(IContentStore store, DateTime before, CancellationToken cancellationToken)
    {
        int removed = 0;
        var names = new List<string>(Batch);
        await foreach (var name in store.ListOlderThanAsync(new DateTimeOffset(before), cancellationToken))
        {
            names.Add(name);
            if (names.Count == Batch)
            {
                removed += await RemoveUnnamedAsync(store, names, cancellationToken);
                names.Clear();
            }
        }

        return removed + await RemoveUnnamedAsync(store, names, cancellationToken);
    }

    private async Task<int> RemoveUnnamedAsync(IContentStore store, List<string> names, CancellationToken cancellationToken)
    {
        var named = (await context.Set<StoredFile>().IgnoreQueryFilters().Where(f => names.Contains(f.Content)).Select(f => f.Content).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        int removed = 0;
        foreach (var name in names.Where(n => !named.Contains(n)))
        {
            await store.DeleteAsync(name, cancellationToken: cancellationToken);
            removed++;
        }

        return removed;
    }

    private async Task<int> EndUploadsAsync(DateTime now, CancellationToken cancellationToken)
    {
        var due = await context.Set<FileUpload>().IgnoreQueryFilters().AsNoTracking().Where(u => u.ExpiresAt <= now || (!u.IsDone && !u.IsPartial && u.Offset == u.Length && u.UpdatedAt < now.AddHours(-1)))
            .OrderBy(u => u.Id).Take(Batch).Select(u => new { u.Id, u.Tenant, Expired = u.ExpiresAt <= now }).ToListAsync(cancellationToken);
        int ended = 0;
        foreach (var upload in due)
        {
            await using var scope = services.CreateScopeFor(Caller.System(upload.Tenant, "keeper"));
            var finish = scope.ServiceProvider.GetRequiredService<UploadFinish>();
            if (upload.Expired)
            {
                await finish.RemoveAsync(upload.Id, cancellationToken);
                ended++;
                continue;
            }

            try
            {
                // All its bytes are there, and whoever was making a file of it was killed.
                await finish.RunAsync(await scope.ServiceProvider.GetRequiredService<RecordStore<FileUpload>>().FindAsync(upload.Id, cancellationToken), cancellationToken);
            }
            catch (ProblemException e)
            {
                NotFinished(logger, upload.Id, e.Message);
            }
        }

        return ended;
    }

    private async Task<(int Verified, int Damaged)> ScrubAsync(DateTime before, CancellationToken cancellationToken)
    {
        var due = await context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.TenantFilter]).Where(f => f.Fault == null && (f.VerifiedAt ?? f.CreatedAt) < before)
            .OrderBy(f => f.VerifiedAt ?? f.CreatedAt).Take(MostVerified).Select(f => new { f.Id, f.Tenant }).ToListAsync(cancellationToken);
        int damaged = 0;
        foreach (var file in due)
        {
            await using var scope = services.CreateScopeFor(Caller.System(file.Tenant, "keeper"));
            try
            {
                var files = scope.ServiceProvider.GetRequiredService<FileService>();
                if (await files.VerifyAsync(await scope.ServiceProvider.GetRequiredService<RecordStore<StoredFile>>().FindAsync(file.Id, cancellationToken), cancellationToken) is { } fault)
                {
                    damaged++;
                    Damaged(logger, file.Id, file.Tenant, fault);
                }
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.NotFound || e.Kind == ProblemKind.Destroyed)
            {
                // Gone since, or its owner was erased.
            }
        }

        return (due.Count, damaged);
    }

    [LoggerMessage(1, LogLevel.Information, "Files: removed {Removed} whose time was over, {Orphans} contents that no file names and {Uploads} uploads; read {Verified} again, {Damaged} of them damaged; {Missing} have no content.")]
    private static partial void Done(ILogger logger, int removed, int orphans, int uploads, int verified, int damaged, int missing);

    [LoggerMessage(2, LogLevel.Error, "The content of the file {File} of the tenant {Tenant} is not what was stored: {Fault}")]
    private static partial void Damaged(ILogger logger, Guid file, string tenant, string fault);

    [LoggerMessage(3, LogLevel.Warning, "The upload {Upload} could not be made a file: {Reason}")]
    private static partial void NotFinished(ILogger logger, Guid upload, string reason);
}
