using System.Data.Common;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// Removes what is older than its type may get, of all tenants: batch by batch, each staged for the archive and on the disk before its rows go, and archived when they are gone. What a legal
/// hold covers stays. Stopped at any moment, it leaves a staged batch at most; the next run archives that where its rows are gone, and discards it where they are not. A batch's rows are removed
/// in one transaction, so their presence says which.
/// </summary>
/// <param name="context">Without a tenant: it works for all.</param>
public sealed partial class Retention(StoreContext context, Archive archive, IOptions<RetentionOptions> options, ILogger<Retention> logger)
{
    private const int BatchRows = 2000;
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    /// <summary>What a run removed, by table.</summary>
    public async Task<IReadOnlyDictionary<string, int>> RunAsync(CancellationToken cancellationToken = default)
    {
        var removed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var type in RecordType.All(context.Model))
        {
            var now = context.Now();
            DateTime? before = options.Value.Days.TryGetValue(type.Name, out int days) ? now.AddDays(-days) : null;
            DateTime? deletedBefore = options.Value.DeletedDays is { } deleted ? now.AddDays(-deleted) : null;
            if (before is null && deletedBefore is null)
            {
                await SettleAsync(type, cancellationToken);
                continue;
            }

            int rows = 0;
            var after = Guid.Empty;
            while (await RemoveBatchAsync(type, before, deletedBefore, after, cancellationToken) is { } batch)
            {
                rows += batch.Removed;
                after = batch.Last;
            }

            if (rows > 0)
            {
                removed.Add(type.Name, rows);
                Removed(logger, rows, type.Name);
            }
        }

        return removed;
    }

    /// <summary>Stops the start where a setting names a table that is not there, or no number of days.</summary>
    internal static IEnumerable<string> Faults(RetentionOptions options, IEnumerable<string> tables)
    {
        var known = tables.ToList();
        foreach (var (table, days) in options.Days)
        {
            if (!known.Contains(table, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"Retention:Days:{table} names no record type; there are {string.Join(", ", known)}.";
            }
            else if (days is < 1 or > 36_500)
            {
                yield return $"Retention:Days:{table} must be from 1 to 36500 days; it is {days}.";
            }
        }
    }

    // Null where nothing is due. One keeper at a time, and no erasure meanwhile: rows are read, archived and removed in one piece.
    private Task<(int Removed, Guid Last)?> RemoveBatchAsync(RecordType type, DateTime? before, DateTime? deletedBefore, Guid after, CancellationToken cancellationToken) =>
        context.Database.CreateExecutionStrategy().ExecuteAsync<(int, Guid)?>(async ct =>
        {
            // On SQLite a transaction would keep all others from writing while the archive is flushed.
            await using var outer = context.Dialect == StoreDialect.Postgres ? await context.Database.BeginTransactionAsync(ct) : null;
            using var held = await archive.LockAsync(context, ct);
            await SettleStagedAsync(type, ct);
            var (ids, rows) = await ReadAsync(type, before, deletedBefore, after, ct);
            if (ids.Count == 0)
            {
                return null;
            }

            var staged = options.Value.Archive ? rows.Select(r => archive.Stage(type.Name, r.Key, [.. r.Value.Select(v => v.Row)])).ToList() : [];
            await using var inner = outer is null ? await context.Database.BeginTransactionAsync(ct) : null;
            if (await type.RemoveAsync(context, ids, ct) != ids.Count)
            {
                // Meanwhile somebody has put a hold on one of them, or removed it: looked at again.
                staged.ForEach(Archive.Discard);
                return (0, after);
            }

            await NoteAsync(type, rows, ct);
            await (outer ?? inner)!.CommitAsync(ct);
            _removed.UnionWith(staged);
            return (ids.Count, ids[^1]);
        }, cancellationToken);

    // Of a type whose records are no longer removed.
    private Task SettleAsync(RecordType type, CancellationToken cancellationToken) => archive.StagedOf(type.Name).Count == 0 ? Task.CompletedTask
        : context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var transaction = context.Dialect == StoreDialect.Postgres ? await context.Database.BeginTransactionAsync(ct) : null;
            using var held = await archive.LockAsync(context, ct);
            await SettleStagedAsync(type, ct);
        }, cancellationToken);

    private async Task SettleStagedAsync(RecordType type, CancellationToken cancellationToken)
    {
        foreach (var staged in archive.StagedOf(type.Name))
        {
            if (_removed.Remove(staged) || !await type.IsAnyStoredAsync(context, [.. ArchiveFile.Read(staged).Select(ArchiveFile.IdOf)], cancellationToken))
            {
                Archive.Keep(staged);
            }
            else
            {
                Archive.Discard(staged);
            }
        }
    }

    private async Task NoteAsync(RecordType type, Dictionary<string, List<(Guid Id, byte[] Row)>> rows, CancellationToken cancellationToken)
    {
        foreach (var (tenant, ofTenant) in rows)
        {
            if (context.Audit is { } audit)
            {
                await AuditStatement.AddAsync(context, audit.Create(context, new AuditNote(AuditAction.Purge, type.Name, Items: ofTenant.Count) { Tenant = tenant, Actor = "keeper" }), cancellationToken);
            }
        }
    }

    private async Task<(List<Guid> Ids, Dictionary<string, List<(Guid Id, byte[] Row)>> Rows)> ReadAsync(RecordType type, DateTime? before, DateTime? deletedBefore, Guid after, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        var rows = new Dictionary<string, List<(Guid Id, byte[] Row)>>(StringComparer.Ordinal);
        var connection = context.GetService<IRelationalConnection>();
        await connection.OpenAsync(cancellationToken);
        try
        {
            await using var command = type.Due(context, before, deletedBefore, after, BatchRows);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            int id = reader.GetOrdinal("id"), tenant = reader.GetOrdinal("tenant");
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(Id(reader, id));
                var owner = reader.GetString(tenant);
                if (!rows.TryGetValue(owner, out var ofTenant))
                {
                    rows[owner] = ofTenant = [];
                }

                ofTenant.Add((ids[^1], ArchiveFile.Row(reader)));
            }

            return (ids, rows);
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    private static Guid Id(DbDataReader row, int column) => row.GetValue(column) is byte[] bytes ? new Guid(bytes, bigEndian: true) : row.GetGuid(column);

    [LoggerMessage(1, LogLevel.Information, "Removed {Rows} rows of {Table} whose time was over.")]
    private static partial void Removed(ILogger logger, int rows, string table);
}
