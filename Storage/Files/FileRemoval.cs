using System.Linq.Expressions;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Files;

/// <summary>
/// Removes files for good. The record goes first, and with it the content's key: from then on nobody can read the content, and one that could not be removed at once is found by the keeper,
/// since no file names it. What a legal hold covers stays.
/// </summary>
public sealed partial class FileRemoval(StoreContext context, FileBackends backends, IServiceScopeFactory scopes, ILogger<FileRemoval> logger)
{
    private const int Batch = 500;

    /// <summary>Removes one file at once.</summary>
    /// <param name="overwrite">Overwrites the content where its backend can.</param>
    /// <exception cref="ProblemException">Of kind conflict: a legal hold covers it.</exception>
    public async Task RemoveAsync(StoredFile file, string actor, bool overwrite, CancellationToken cancellationToken = default)
    {
        if (await RemoveRowsAsync([file], actor, f => true, cancellationToken) == 0)
        {
            throw new ProblemException(ProblemKind.Conflict, $"A legal hold covers the file {file.Id}; nothing was removed. Release the hold first.");
        }

        await RemoveContentAsync(file, overwrite, cancellationToken);
        // The database keeps the row's former version, and the key in it, until then. Only the tables' owner may do it, who works for no tenant.
        await using var scope = scopes.CreateAsyncScope();
        await FormerVersions.RemoveAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), StoredFile.Table, cancellationToken);
    }

    /// <summary>Removes the files, of all tenants, that have expired, and those that were deleted long enough ago.</summary>
    public async Task<int> RemoveDueAsync(DateTime now, DateTime deletedBefore, CancellationToken cancellationToken = default)
    {
        int removed = 0;
        var after = Guid.Empty;
        // Asked again by the statement that removes: somebody may prolong a file's time in between.
        Expression<Func<StoredFile, bool>> isDue = f => f.ExpiresAt <= now || f.DeletedAt <= deletedBefore;
        while (true)
        {
            // Without their names and keys: those may be gone already.
            var due = await context.Set<StoredFile>().IgnoreQueryFilters().AsNoTracking().Where(f => f.Id > after).Where(isDue).OrderBy(f => f.Id).Take(Batch)
                .Select(f => new StoredFile { Id = f.Id, Tenant = f.Tenant, Owner = f.Owner, Type = f.Type, Backend = f.Backend, Content = f.Content, Sha256 = f.Sha256, Region = f.Region }).ToListAsync(cancellationToken);
            foreach (var ofTenant in due.GroupBy(f => f.Tenant))
            {
                removed += await RemoveRowsAsync([.. ofTenant], "keeper", isDue, cancellationToken);
            }

            foreach (var file in await GoneAsync(due, cancellationToken))
            {
                await RemoveContentAsync(file, overwrite: false, cancellationToken);
            }

            if (due.Count < Batch)
            {
                return removed;
            }

            after = due[^1].Id;
        }
    }

    /// <summary>Removes files of some owners that are older than that.</summary>
    public async Task<int> RemoveOlderAsync(string tenant, IReadOnlyList<string> owners, DateTime before, CancellationToken cancellationToken = default)
    {
        int removed = 0;
        var after = Guid.Empty;
        while (true)
        {
            var last = after;
            var due = await context.Set<StoredFile>().IgnoreQueryFilters().AsNoTracking().Where(f => f.Tenant == tenant && owners.Contains(f.Owner) && f.CreatedAt < before && f.Id > last).OrderBy(f => f.Id).Take(Batch)
                .Select(f => new StoredFile { Id = f.Id, Tenant = f.Tenant, Owner = f.Owner, Type = f.Type, Backend = f.Backend, Content = f.Content, Sha256 = f.Sha256, Region = f.Region }).ToListAsync(cancellationToken);
            if (due.Count == 0)
            {
                return removed;
            }

            removed += await RemoveRowsAsync(due, "keeper", f => true, cancellationToken);
            foreach (var file in await GoneAsync(due, cancellationToken))
            {
                await RemoveContentAsync(file, overwrite: true, cancellationToken);
            }

            after = due[^1].Id;
        }
    }

    /// <summary>Overwrites and removes a content that no file names any more.</summary>
    /// <param name="lenient">Leaves what cannot be removed now to the keeper; else the failure is thrown.</param>
    /// <returns>False where the settings do not name the backend any more.</returns>
    internal async Task<bool> TryRemoveContentAsync(string backend, string content, bool lenient, CancellationToken cancellationToken)
    {
        if (!backends.All.TryGetValue(backend, out var store))
        {
            return false;
        }

        try
        {
            await store.DeleteAsync(content, overwrite: true, cancellationToken);
        }
        catch (Exception e) when (lenient && (FailureProblems.Explain(e) is not null || e is IOException or UnauthorizedAccessException))
        {
            NotRemoved(logger, content, backend, e.Message);
        }

        return true;
    }

    private async Task<IEnumerable<StoredFile>> GoneAsync(IReadOnlyCollection<StoredFile> files, CancellationToken cancellationToken)
    {
        var ids = files.Select(f => f.Id).ToList();
        var there = (await context.Set<StoredFile>().IgnoreQueryFilters().Where(f => ids.Contains(f.Id)).Select(f => f.Id).ToListAsync(cancellationToken)).ToHashSet();
        return files.Where(f => !there.Contains(f.Id));
    }

    private Task<int> RemoveRowsAsync(IReadOnlyList<StoredFile> files, string actor, Expression<Func<StoredFile, bool>> where, CancellationToken cancellationToken) => FormerVersions.OverwriteAsync(context, token => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
    {
        await using var transaction = await context.Database.BeginTransactionAsync(ct);
        var ids = files.Select(f => f.Id).ToList();
        int rows = await RecordType.All(context.Model).OfType<RecordType<StoredFile>>().Single().RemoveAsync(context, ids, where, ct);
        await context.Set<FileGrant>().IgnoreQueryFilters().Where(g => ids.Contains(g.FileId) && !context.Set<StoredFile>().IgnoreQueryFilters().Any(f => f.Id == g.FileId)).ExecuteDeleteAsync(ct);
        if (rows > 0 && context.Audit is { } audit)
        {
            var note = files.Count == 1 ? new AuditNote(AuditAction.Purge, StoredFile.Table, files[0].Id) : new AuditNote(AuditAction.Purge, StoredFile.Table, Items: rows);
            await AuditStatement.AddAsync(context, audit.Create(context, note with { Tenant = files[0].Tenant, Actor = actor }), ct);
        }

        await transaction.CommitAsync(ct);
        return rows;
    }, token), cancellationToken);

    private async Task RemoveContentAsync(StoredFile file, bool overwrite, CancellationToken cancellationToken)
    {
        if (!backends.All.TryGetValue(file.Backend, out var store))
        {
            return;
        }

        try
        {
            await store.DeleteAsync(file.Content, overwrite, cancellationToken);
        }
        catch (Exception e) when (FailureProblems.Explain(e) is not null || e is IOException or UnauthorizedAccessException)
        {
            NotRemoved(logger, file.Content, file.Backend, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The content {Content} in {Backend}, which nobody can read any more, could not be removed ({Reason}); the keeper tries again.")]
    private static partial void NotRemoved(ILogger logger, string content, string backend, string reason);
}
