using CloudStore.Storage.Records.RowSecurity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// Binary COPY. A batch without conflicts goes straight into the table: a staging table would write every row twice. The unique index tells if that was
/// wrong; the batch is then rolled back to a savepoint and goes through a staging table and INSERT .. ON CONFLICT, as do the batches after it until one
/// of them meets no conflict. All of it runs as the login role: Postgres refuses COPY under row-level security, and a staging table belongs to the role that
/// makes it. The rows carry their tenant from the writer.
/// </summary>
internal sealed class PostgresBulkTarget<T> : IBulkTarget<T>
    where T : Record
{
    private const string Savepoint = "bulk_direct";
    private readonly CopyBuffer _buffer = new();
    private bool _direct = true;

    public async Task<BulkResult> WriteAsync(StoreContext context, BulkPlan<T> plan, BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, CancellationToken cancellationToken)
    {
        bool left = await TenantRole.LeaveAsync(context, cancellationToken);
        var result = await WriteAsLoginRoleAsync(context, plan, batch, mode, updateProperties, cancellationToken);
        if (left)
        {
            await TenantRole.ReturnAsync(context, cancellationToken);
        }

        return result;
    }

    private async Task<BulkResult> WriteAsLoginRoleAsync(StoreContext context, BulkPlan<T> plan, BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)context.Database.GetDbConnection();
        var copy = PostgresCopy<T>.For(plan);
        if (plan.KeyProperty is null)
        {
            await copy.WriteAsync(connection, plan.Table, batch, _buffer, cancellationToken);
            return new BulkResult(batch.Count, 0, 0, []);
        }

        if (_direct)
        {
            if (await TryDirectAsync(connection, context, plan, copy, batch, cancellationToken))
            {
                return Result(batch, mode, batch.Count, 0, []);
            }

            _direct = false;
        }

        if (mode != ConflictMode.Update || !await StoredTokens.AdoptAsync(context, plan, batch, updateProperties, cancellationToken))
        {
            return (await StageAsync(connection, plan, copy, batch, mode, updateProperties, false, cancellationToken))!;
        }

        // A row that another sender added between our look and our write has an id that our token is not bound to: look again.
        var transaction = context.Database.CurrentTransaction!;
        while (true)
        {
            await transaction.CreateSavepointAsync(Savepoint, cancellationToken);
            if (await StageAsync(connection, plan, copy, batch, mode, updateProperties, true, cancellationToken) is { } result)
            {
                await transaction.ReleaseSavepointAsync(Savepoint, cancellationToken);
                return result;
            }

            await transaction.RollbackToSavepointAsync(Savepoint, cancellationToken);
            await StoredTokens.AdoptAsync(context, plan, batch, updateProperties, cancellationToken);
        }
    }

    private async Task<bool> TryDirectAsync(NpgsqlConnection connection, StoreContext context, BulkPlan<T> plan, PostgresCopy<T> copy, BulkBatch<T> batch, CancellationToken cancellationToken)
    {
        var transaction = context.Database.CurrentTransaction!;
        await transaction.CreateSavepointAsync(Savepoint, cancellationToken);
        try
        {
            await copy.WriteAsync(connection, plan.Table, batch, _buffer, cancellationToken);
            await transaction.ReleaseSavepointAsync(Savepoint, cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackToSavepointAsync(Savepoint, cancellationToken);
            return false;
        }
    }

    /// <returns>Null where <paramref name="sameId"/> is asked for and a stored row has another id than the one that replaces it.</returns>
    private async Task<BulkResult?> StageAsync(
        NpgsqlConnection connection, BulkPlan<T> plan, PostgresCopy<T> copy, BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, bool sameId, CancellationToken cancellationToken)
    {
        var stage = $"stage_{plan.Table}";
        await ExecuteAsync(connection, $"CREATE TEMP TABLE IF NOT EXISTS {stage} (LIKE {plan.Table} INCLUDING DEFAULTS) ON COMMIT DELETE ROWS; TRUNCATE {stage}", cancellationToken);
        await copy.WriteAsync(connection, stage, batch, _buffer, cancellationToken);

        // What a sender wrote to the table between our look and our write is met by ON CONFLICT too: there is no race to lose.
        await using var command = connection.CreateCommand();
        command.CommandText = InsertSql(plan, stage, mode, updateProperties, sameId);
        long inserted = 0;
        long updated = 0;
        var added = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (mode == ConflictMode.Reject)
            {
                added.Add(reader.GetGuid(0));
                inserted++;
            }
            else
            {
                inserted = reader.GetInt64(0);
                updated = reader.GetInt64(1);
            }
        }

        if (sameId && inserted + updated != batch.Count)
        {
            return null;
        }

        _direct = inserted == batch.Count;
        var refused = mode != ConflictMode.Reject ? [] : Enumerable.Range(0, batch.Count).Where(i => !added.Contains(batch[i].Id)).Select(batch.IndexOf).ToList();
        return Result(batch, mode, inserted, updated, refused);
    }

    private static string InsertSql(BulkPlan<T> plan, string stage, ConflictMode mode, IReadOnlySet<string>? updateProperties, bool sameId)
    {
        var columns = string.Join(", ", plan.Columns);
        var key = plan.KeyColumn;
        var sets = string.Concat(plan.UpdateColumns(updateProperties).Select(c => $"{c} = excluded.{c}, "));
        var action = mode == ConflictMode.Update ? $"UPDATE SET {sets}updated_at = excluded.updated_at, revision = kept.revision + 1{(sameId ? " WHERE kept.id = excluded.id" : "")}" : "NOTHING";
        var insert = $"INSERT INTO {plan.Table} AS kept ({columns}) SELECT {columns} FROM {stage} ORDER BY {key} "
            + $"ON CONFLICT (tenant, {key}) WHERE deleted_at IS NULL DO {action} RETURNING ";
        // xmax is 0 in a row version that no transaction has replaced or locked: one that was inserted, not updated.
        return mode == ConflictMode.Reject
            ? insert + "id"
            : $"WITH written AS ({insert}(xmax = 0) AS fresh) SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written";
    }

    private static BulkResult Result(BulkBatch<T> batch, ConflictMode mode, long inserted, long updated, List<int> refused)
    {
        if (mode == ConflictMode.Reject)
        {
            refused.AddRange(batch.Duplicates);
            refused.Sort();
            return new BulkResult(inserted, 0, 0, refused);
        }

        long skipped = mode == ConflictMode.Skip ? batch.Count - inserted + batch.Duplicates.Count : 0;
        return new BulkResult(inserted, updated + batch.Replaced, skipped, []);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
