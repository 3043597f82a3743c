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
/// Removes what is older than its type may get, of all tenants: batch by batch, each archived and on the disk before its rows go. What a legal hold covers stays.
/// Stopped at any moment, it leaves rows that are both archived and stored, never neither.
/// </summary>
/// <param name="context">Without a tenant: it works for all.</param>
public sealed partial class Retention(StoreContext context, Archive archive, IOptions<RetentionOptions> options, ILogger<Retention> logger)
{
    private const int BatchRows = 2000;

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
                continue;
            }

            int rows = 0;
            while (await RemoveBatchAsync(type, before, deletedBefore, cancellationToken) is { } batch)
            {
                rows += batch;
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

    // Null where nothing is due; 0 where a hold or another keeper was faster with some of it: the next look finds the rest.
    private async Task<int?> RemoveBatchAsync(RecordType type, DateTime? before, DateTime? deletedBefore, CancellationToken cancellationToken)
    {
        var (ids, rows) = await ReadAsync(type, before, deletedBefore, cancellationToken);
        if (ids.Count == 0)
        {
            return null;
        }

        if (options.Value.Archive)
        {
            foreach (var (tenant, ofTenant) in rows)
            {
                archive.Write(type.Name, tenant, ofTenant);
            }
        }

        return await context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            if (await type.RemoveAsync(context, ids, ct) != ids.Count)
            {
                return 0;
            }

            await NoteAsync(type, rows, ct);
            await transaction.CommitAsync(ct);
            return ids.Count;
        }, cancellationToken);
    }

    private async Task NoteAsync(RecordType type, Dictionary<string, List<byte[]>> rows, CancellationToken cancellationToken)
    {
        foreach (var (tenant, ofTenant) in rows)
        {
            if (context.Audit is { } audit)
            {
                await AuditStatement.AddAsync(context, audit.Create(context, new AuditNote(AuditAction.Purge, type.Name, Items: ofTenant.Count) { Tenant = tenant, Actor = "keeper" }), cancellationToken);
            }
        }
    }

    private async Task<(List<Guid> Ids, Dictionary<string, List<byte[]>> Rows)> ReadAsync(RecordType type, DateTime? before, DateTime? deletedBefore, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        var rows = new Dictionary<string, List<byte[]>>(StringComparer.Ordinal);
        var connection = context.GetService<IRelationalConnection>();
        await connection.OpenAsync(cancellationToken);
        try
        {
            await using var command = type.Due(context, before, deletedBefore, BatchRows);
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

                ofTenant.Add(Archive.Row(reader));
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
