using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Fields;
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
    StoreContext context, FileRemoval removal, FileBackends backends, MissingContents missing, FileRecords records, UploadFinisher finisher, IServiceProvider services, IEnumerable<IPersonalRetention> wishes,
    IOptions<FilesOptions> options, ILogger<FileKeeper> logger)
{
    private const int Batch = 500;

    /// <summary>Contents that one round may read again however few there are; the longest not looked at come first.</summary>
    private const int LeastVerified = 1000;

    private const int RoundsADay = 24;

    /// <summary>Does what is due, for all tenants.</summary>
    public async Task<FileRound> RunAsync(CancellationToken cancellationToken = default)
    {
        var now = context.Now();
        int removed = await removal.RemoveDueAsync(now, now.AddDays(-options.Value.GraceDays), cancellationToken);
        removed += await RemoveUnwantedAsync(cancellationToken);
        int uploads = await EndUploadsAsync(now, cancellationToken);
        int orphans = 0;
        foreach (var (name, store) in backends.All)
        {
            orphans += await RemoveOrphansAsync(name, store, now.AddHours(-options.Value.OrphanHours), cancellationToken);
        }

        int lost = await missing.FindAsync(context, records.Changed, cancellationToken);
        var (verified, damaged) = options.Value.ScrubDays is { } days ? await ScrubAsync(now, days, cancellationToken) : default;
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

    private async Task<int> RemoveOrphansAsync(string backend, IContentStore store, DateTime before, CancellationToken cancellationToken)
    {
        int removed = 0;
        var names = new List<string>(Batch);
        try
        {
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
        catch (Exception e) when (IsPassing(e, cancellationToken) || e is IOException or UnauthorizedAccessException)
        {
            NotSwept(logger, backend, e.GetBaseException().Message);
            return removed;
        }
    }

    private async Task<int> RemoveUnnamedAsync(IContentStore store, List<string> names, CancellationToken cancellationToken)
    {
        var named = (await context.Set<StoredFile>().IgnoreQueryFilters().Where(f => names.Contains(f.Content)).Select(f => f.Content).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        // Parts of uploads that have a region are staged here too.
        named.UnionWith(await context.Set<UploadSegment>().IgnoreQueryFilters().Where(s => names.Contains(s.Content)).Select(s => s.Content).ToListAsync(cancellationToken));
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
            .OrderBy(u => u.ExpiresAt).ThenBy(u => u.Id).Take(Batch).Select(u => new { u.Id, u.Tenant, Expired = u.ExpiresAt <= now }).ToListAsync(cancellationToken);
        int ended = 0;
        foreach (var upload in due)
        {
            await using var scope = services.CreateScopeFor(Caller.System(upload.Tenant, "keeper"));
            try
            {
                if (upload.Expired)
                {
                    await scope.ServiceProvider.GetRequiredService<UploadFinish>().RemoveAsync(upload.Id, cancellationToken);
                    ended++;
                    continue;
                }

                // All its bytes are there, and whoever was making a file of it was killed.
                await finisher.FinishAsync(await scope.ServiceProvider.GetRequiredService<RecordStore<FileUpload>>().FindAsync(upload.Id, cancellationToken), "keeper").WaitAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
            {
                // Whatever is wrong with one keeps no other waiting.
                NotFinished(logger, upload.Id, e.GetBaseException().Message);
            }
        }

        return ended;
    }

    private async Task<(int Verified, int Damaged)> ScrubAsync(DateTime now, int days, CancellationToken cancellationToken)
    {
        var before = now.AddDays(-days);
        var files = context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.TenantFilter]).Where(f => f.Fault == null);
        // Twice what makes each content's turn come in time: what came together is due together.
        long most = Math.Max(LeastVerified, 2 * await files.LongCountAsync(cancellationToken) / ((long)days * RoundsADay));
        var due = await files.Where(f => (f.VerifiedAt ?? f.CreatedAt) < before).OrderBy(f => f.VerifiedAt ?? f.CreatedAt).Take((int)Math.Min(most, int.MaxValue))
            .Select(f => new { f.Id, f.Tenant, f.Backend }).ToListAsync(cancellationToken);
        var (verified, damaged, away) = (0, 0, new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        foreach (var file in due.Where(f => !away.Contains(f.Backend)))
        {
            try
            {
                var fault = await LookAsync(file.Id, file.Tenant, cancellationToken);
                verified++;
                if (fault is not null)
                {
                    damaged++;
                    Damaged(logger, file.Id, file.Tenant, fault);
                }
            }
            catch (Exception e) when (IsPassing(e, cancellationToken))
            {
                away.Add(file.Backend);
                NotRead(logger, file.Backend, e.GetBaseException().Message);
            }
        }

        return (verified, damaged);
    }

    // Whatever is found is kept with the file: one that was not noted would be first again in each round.
    private async Task<string?> LookAsync(Guid id, string tenant, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(tenant, "keeper"));
        var files = scope.ServiceProvider.GetRequiredService<FileService>();
        try
        {
            return await files.VerifyAsync(await scope.ServiceProvider.GetRequiredService<RecordStore<StoredFile>>().FindAsync(id, cancellationToken), cancellationToken);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
        {
            // Gone since.
            return null;
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Destroyed)
        {
            // Its owner was erased: there is nothing to read, and nothing wrong.
            await files.NoteLookAsync(id, null, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException && !IsPassing(e, cancellationToken) && !cancellationToken.IsCancellationRequested)
        {
            await files.NoteLookAsync(id, e.Message, cancellationToken);
            return e.Message;
        }
    }

    // A store that is away, or a master key that this process was not given: no fault of the file that was being looked at.
    private static bool IsPassing(Exception e, CancellationToken cancellationToken) => !cancellationToken.IsCancellationRequested && FailureProblems.Explain(e) is { } problem
        && (problem.Kind == ProblemKind.Unavailable || problem.Errors.Any(x => x.Rule == FieldFailure.MasterKeyRule));

    [LoggerMessage(1, LogLevel.Information, "Files: removed {Removed} whose time was over, {Orphans} contents that no file names and {Uploads} uploads; read {Verified} again, {Damaged} of them damaged; {Missing} have no content.")]
    private static partial void Done(ILogger logger, int removed, int orphans, int uploads, int verified, int damaged, int missing);

    [LoggerMessage(2, LogLevel.Error, "The content of the file {File} of the tenant {Tenant} is not what was stored: {Fault}")]
    private static partial void Damaged(ILogger logger, Guid file, string tenant, string fault);

    [LoggerMessage(4, LogLevel.Warning, "Contents of the backend {Backend} that no file names were not all removed; the next round goes on: {Reason}")]
    private static partial void NotSwept(ILogger logger, string backend, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Contents of the backend {Backend} were not all read again; the next round goes on: {Reason}")]
    private static partial void NotRead(ILogger logger, string backend, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The upload {Upload} could not be made a file, or be removed: {Reason}")]
    private static partial void NotFinished(ILogger logger, Guid upload, string reason);
}
