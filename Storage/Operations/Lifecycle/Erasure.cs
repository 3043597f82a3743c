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
/// wait in a spool, the contents of files and uploads, and the keys of its encrypted fields; of a person also the rejected rows and kept answers that name it (<see cref="Mention"/>). Where a
/// legal hold covers any of the rows nothing is removed. It can be repeated.
/// </summary>
/// <param name="context">Without a tenant: it names the tenant itself.</param>
public sealed partial class Erasure(StoreContext context, Archive archive, Spool spool, IEnumerable<ISpoolTarget> targets, StagedContents contents, KeyOperations keys,
    ErasureKeyring erasureKeys, IServiceProvider services, ILogger<Erasure> logger)
{
    /// <inheritdoc cref="RunAsync(ErasureOrder, CancellationToken)"/>
    public Task<Erased> RunAsync(string tenant, string? subject, string actor, CancellationToken cancellationToken = default) => RunAsync(new ErasureOrder(tenant, subject, actor), cancellationToken);

    /// <param name="cancellationToken">Cancels between tables.</param>
    /// <exception cref="ProblemException">Of kind conflict: a legal hold covers some of it.</exception>
    public async Task<Erased> RunAsync(ErasureOrder order, CancellationToken cancellationToken = default)
    {
        var (tenant, subject) = (order.Tenant, order.Subject);
        await RequireNotHeldAsync(tenant, subject, cancellationToken);
        var names = subject is null ? [] : order.OtherNames.Prepend(subject).Distinct(StringComparer.Ordinal).ToList();
        var rejects = subject is null ? null : new RejectTraces(context, tenant, subject, names);
        var rejected = rejects is null ? [] : await rejects.FindAsync(cancellationToken);
        await MarkAsync(tenant, subject, cancellationToken);
        int spooled = await EraseSpooledAsync(order, cancellationToken);
        if (subject is null)
        {
            await EraseFilesAsync(tenant, cancellationToken);
        }

        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        if (services.GetService<FileRemoval>() is { } removal)
        {
            await new FileErasure(context, removal, contents).RunAsync(order, (table, remove, ct) => RemoveAsync(table, order, static () => 0, remove, ct), rows, cancellationToken);
        }

        int archived = 0;
        foreach (var type in TypesOf(subject))
        {
            archived += await RemoveAsync(type.Name, order, () => archive.Erase(type, tenant, subject), async ct => new Removed(await type.EraseAsync(context, tenant, subject, ct)), rows, cancellationToken);
        }

        if (rejects is not null)
        {
            archived += await EraseTracesAsync(rejects, rejected, names, order, rows, cancellationToken);
        }

        int destroyed = subject is null ? await keys.DestroyTenantAsync(tenant, order.Actor, cancellationToken) : await keys.DestroySubjectAsync(tenant, subject, order.Actor, cancellationToken);
        Done(logger, subject is null ? "a tenant" : "a person", rows.Values.Sum(), archived, spooled, destroyed);
        return new Erased(rows, archived, spooled, destroyed);
    }

    /// <exception cref="ProblemException">Of kind conflict: a legal hold covers some of a tenant's rows, or of one person's.</exception>
    public async Task RequireNotHeldAsync(string tenant, string? subject, CancellationToken cancellationToken = default)
    {
        foreach (var type in TypesOf(subject))
        {
            if (await type.CountHeldAsync(context, tenant, subject, cancellationToken) is > 0 and var held)
            {
                throw new ProblemException(ProblemKind.Conflict, $"{held} rows of {type.Name} are under a legal hold; nothing was erased. Release the hold first.");
            }
        }
    }

    /// <summary>Rows of a person that are there.</summary>
    public async Task<int> CountAsync(string tenant, string subject, CancellationToken cancellationToken = default)
    {
        int rows = 0;
        foreach (var type in TypesOf(subject))
        {
            rows += await type.CountAsync(context, tenant, subject, cancellationToken);
        }

        return rows;
    }

    // Holds last: they say until the end what may not go. Marks stay.
    private List<RecordType> TypesOf(string? subject) =>
        [.. RecordType.All(context.Model).Where(t => t.Name != "erasure_marks" && (subject is null || t.SubjectProperty is not null)).OrderBy(t => t.Name == "legal_holds")];

    private async Task<int> EraseSpooledAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        spool.Open();
        int spooled = await spool.EraseAsync(
            e => e.Tenant == order.Tenant && (order.Subject is not { } subject || targets.FirstOrDefault(t => t.Name == e.Target)?.Subjects(e).Contains(subject, StringComparer.Ordinal) == true), cancellationToken);
        if (spooled > 0 && order.Journal is { } journal)
        {
            await journal.NoteAsync(context, new ErasedPart("", 0, Spooled: spooled), cancellationToken);
        }

        return spooled;
    }

    // Other processes' spools are out of reach: they find the mark before they apply an entry.
    private async Task MarkAsync(string tenant, string? subject, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(tenant, "erasure"));
        await scope.ServiceProvider.GetRequiredService<RecordStore<ErasureMark>>().CreateAsync(ErasureMark.Of(erasureKeys, tenant, subject), cancellationToken);
    }

    // What names the person in passing: rejected rows of imports, and answers that are kept for repeated requests.
    private async Task<int> EraseTracesAsync(RejectTraces traces, List<Guid> rejects, List<string> names, ErasureOrder order, Dictionary<string, int> rows, CancellationToken cancellationToken)
    {
        var type = RecordType.All(context.Model).Single(t => t.Name == "import_rejects");
        int before = rows.Values.Sum();
        int archived = await RemoveAsync(type.Name, order, () => archive.Erase(type.Name, order.Tenant, traces.IsInArchived), async ct =>
        {
            int removed = 0;
            foreach (var part in rejects.Chunk(1000))
            {
                removed += await type.RemoveAsync(context, part, ct);
            }

            return new Removed(removed);
        }, rows, cancellationToken);
        var mentions = names.ConvertAll(n => new Mention(n));
        int forgotten = await IdempotencyStore.ForgetAsync(context, order.Tenant, text => mentions.Exists(m => m.IsIn(text)), cancellationToken);
        if (rows.Values.Sum() > before)
        {
            await FormerVersions.RemoveAsync(context, type.Name, cancellationToken);
        }

        if (forgotten > 0)
        {
            rows.Add("idempotency_keys", forgotten);
            await (order.Journal?.NoteAsync(context, new ErasedPart("idempotency_keys", forgotten), cancellationToken) ?? Task.CompletedTask);
            await FormerVersions.RemoveAsync(context, "idempotency_keys", cancellationToken);
        }

        return archived;
    }

    private async Task<int> RemoveAsync(string table, ErasureOrder order, Func<int> eraseArchived, Func<CancellationToken, Task<Removed>> remove, Dictionary<string, int> rows, CancellationToken cancellationToken)
    {
        var (removed, archived) = await RemoveAsync(table, order, eraseArchived, remove, cancellationToken);
        if (removed > 0)
        {
            rows[table] = rows.GetValueOrDefault(table) + removed;
        }

        return archived;
    }

    // The event is part of the removal. Whose data it was is not in it: it outlives them. Retention waits meanwhile, so that nothing gets into the archive behind this one's back.
    private Task<(int Rows, int Archived)> RemoveAsync(string table, ErasureOrder order, Func<int> eraseArchived, Func<CancellationToken, Task<Removed>> remove, CancellationToken cancellationToken)
    {
        int archived = 0;
        return context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var outer = context.Dialect == StoreDialect.Postgres ? await context.Database.BeginTransactionAsync(ct) : null;
            using var held = await archive.LockAsync(context, ct);
            archived += eraseArchived();
            await using var inner = outer is null ? await context.Database.BeginTransactionAsync(ct) : null;
            var removed = await remove(ct);
            if (removed.Rows + archived > 0)
            {
                await (order.Journal?.NoteAsync(context, new ErasedPart(table, removed.Rows, archived, Contents: removed.Contents), ct) ?? Task.CompletedTask);
                if (context.Audit is { } audit)
                {
                    var details = new JsonObject { ["of"] = order.Subject is null ? "tenant" : "person", ["archived"] = archived };
                    await AuditStatement.AddAsync(context, audit.Create(context, new AuditNote(AuditAction.Erase, table, Items: removed.Rows, Details: details) { Tenant = order.Tenant, Actor = order.Actor }), ct);
                }
            }

            await (outer ?? inner)!.CommitAsync(ct);
            return (removed.Rows, archived);
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

/// <summary>What a step of an erasure removed.</summary>
internal sealed record Removed(int Rows, IReadOnlyList<ErasedContent>? Contents = null);
