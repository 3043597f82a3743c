using System.Text.Json.Nodes;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Spooling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>What an erasure removed.</summary>
/// <param name="Rows">Rows, by table.</param>
/// <param name="Archived">Archived rows.</param>
/// <param name="Spooled">Writes that waited for the database.</param>
/// <param name="Keys">Data keys that were destroyed: what they encrypted is unreadable in every copy and backup.</param>
public sealed record Erased(IReadOnlyDictionary<string, int> Rows, int Archived, int Spooled, int Keys);

/// <summary>
/// Removes all there is of one person, or of a tenant: rows (deleted ones as well), archived rows, writes that
/// wait in a spool, the contents of files, and the keys of its encrypted fields; of a person also the rejected rows and kept answers that name it (<see cref="Mention"/>). Where a legal hold
/// covers any of the rows nothing is removed. It can be repeated.
/// </summary>
/// <param name="context">Without a tenant: it names the tenant itself.</param>
public sealed partial class Erasure(StoreContext context, Archive archive, Spool spool, IEnumerable<ISpoolTarget> targets, StagedContents contents, KeyOperations keys,
    ErasureKeyring erasureKeys, IServiceProvider services, ILogger<Erasure> logger)
{
    /// <param name="tenant">Whose.</param>
    /// <param name="subject">The person; null for the whole tenant.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="cancellationToken">Cancels between tables.</param>
    /// <exception cref="ProblemException">Of kind conflict: a legal hold covers some of it.</exception>
    public async Task<Erased> RunAsync(string tenant, string? subject, string actor, CancellationToken cancellationToken = default)
    {
        // Holds last: they say until the end what may not go. Marks stay.
        var types = RecordType.All(context.Model).Where(t => t.Name != "erasure_marks" && (subject is null || t.SubjectProperty is not null)).OrderBy(t => t.Name == "legal_holds").ToList();
        foreach (var type in types)
        {
            if (await type.CountHeldAsync(context, tenant, subject, cancellationToken) is > 0 and var held)
            {
                throw new ProblemException(ProblemKind.Conflict, $"{held} rows of {type.Name} are under a legal hold; nothing was erased. Release the hold first.");
            }
        }

        var rejects = subject is null ? null : new RejectTraces(context, tenant, subject);
        var rejected = rejects is null ? [] : await rejects.FindAsync(cancellationToken);
        await MarkAsync(tenant, subject, cancellationToken);
        spool.Open();
        int spooled = await spool.EraseAsync(
            e => e.Tenant == tenant && (subject is null || targets.FirstOrDefault(t => t.Name == e.Target)?.Subjects(e).Contains(subject, StringComparer.Ordinal) == true), cancellationToken);
        if (subject is null)
        {
            await EraseFilesAsync(tenant, cancellationToken);
        }

        var removal = services.GetService<FileRemoval>();
        var files = removal is null ? [] : await removal.OfAsync(tenant, subject, cancellationToken);
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        int archived = 0;
        foreach (var type in types)
        {
            var (erased, ofArchive) = await RemoveAsync(type.Name, tenant, subject, actor, () => archive.Erase(type, tenant, subject), ct => type.EraseAsync(context, tenant, subject, ct), cancellationToken);
            archived += ofArchive;
            if (erased > 0)
            {
                rows.Add(type.Name, erased);
            }
        }

        if (rejects is not null)
        {
            archived += await EraseTracesAsync(rejects, rejected, tenant, subject!, actor, rows, cancellationToken);
        }

        int destroyed = subject is null ? await keys.DestroyTenantAsync(tenant, actor, cancellationToken) : await keys.DestroySubjectAsync(tenant, subject, actor, cancellationToken);
        await (removal?.RemoveContentsAsync(tenant, files, cancellationToken) ?? Task.CompletedTask);
        Done(logger, subject is null ? "a tenant" : "a person", rows.Values.Sum(), archived, spooled, destroyed);
        return new Erased(rows, archived, spooled, destroyed);
    }

    // Other processes' spools are out of reach: they find the mark before they apply an entry.
    private async Task MarkAsync(string tenant, string? subject, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(tenant, "erasure"));
        await scope.ServiceProvider.GetRequiredService<RecordStore<ErasureMark>>().CreateAsync(ErasureMark.Of(erasureKeys, tenant, subject), cancellationToken);
    }

    // What names the person in passing: rejected rows of imports, and answers that are kept for repeated requests.
    private async Task<int> EraseTracesAsync(RejectTraces traces, List<Guid> rejects, string tenant, string subject, string actor, Dictionary<string, int> rows, CancellationToken cancellationToken)
    {
        var type = RecordType.All(context.Model).Single(t => t.Name == "import_rejects");
        var (erased, archived) = await RemoveAsync(type.Name, tenant, subject, actor, () => archive.Erase(type.Name, tenant, traces.IsInArchived), async ct =>
        {
            int removed = 0;
            foreach (var part in rejects.Chunk(1000))
            {
                removed += await type.RemoveAsync(context, part, ct);
            }

            return removed;
        }, cancellationToken);
        int forgotten = await IdempotencyStore.ForgetAsync(context, tenant, new Mention(subject).IsIn, cancellationToken);
        foreach (var (table, count) in ((string, int)[])[(type.Name, erased), ("idempotency_keys", forgotten)])
        {
            if (count > 0)
            {
                rows.Add(table, count);
                await FormerVersions.RemoveAsync(context, table, cancellationToken);
            }
        }

        return archived;
    }

    // The event is part of the removal. Whose data it was is not in it: it outlives them. Retention waits meanwhile, so that nothing gets into the archive behind this one's back.
    private Task<(int Rows, int Archived)> RemoveAsync(
        string table, string tenant, string? subject, string actor, Func<int> eraseArchived, Func<CancellationToken, Task<int>> remove, CancellationToken cancellationToken)
    {
        int archived = 0;
        return context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var outer = context.Dialect == StoreDialect.Postgres ? await context.Database.BeginTransactionAsync(ct) : null;
            using var held = await archive.LockAsync(context, ct);
            archived += eraseArchived();
            await using var inner = outer is null ? await context.Database.BeginTransactionAsync(ct) : null;
            int rows = await remove(ct);
            if (rows + archived > 0 && context.Audit is { } audit)
            {
                var details = new JsonObject { ["of"] = subject is null ? "tenant" : "person", ["archived"] = archived };
                await AuditStatement.AddAsync(context, audit.Create(context, new AuditNote(AuditAction.Erase, table, Items: rows, Details: details) { Tenant = tenant, Actor = actor }), ct);
            }

            await (outer ?? inner)!.CommitAsync(ct);
            return (rows, archived);
        }, cancellationToken);
    }

    // Uploads that wait, and answers that are kept for repeated requests.
    private async Task EraseFilesAsync(string tenant, CancellationToken cancellationToken)
    {
        foreach (var content in await context.Set<ImportJob>().IgnoreQueryFilters().Where(j => j.Tenant == tenant).Select(j => j.Content).ToListAsync(cancellationToken))
        {
            await contents.DeleteAsync(content, overwrite: true, cancellationToken);
        }

        await context.Set<IdempotencyEntry>().Where(e => e.Tenant == tenant).ExecuteDeleteAsync(cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Warning, "Erased all there was of {Whom}: {Rows} rows, {Archived} archived rows, {Spooled} spooled writes, {Keys} keys.")]
    private static partial void Done(ILogger logger, string whom, int rows, int archived, int spooled, int keys);
}
