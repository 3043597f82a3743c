using System.Data.Common;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Cache.Shared.Redis;
using CloudStore.Storage.Records;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// Takes to Redis what was written to the database while Redis was away. First all of it, while others go on writing; then, with the state row locked so that
/// nobody writes, what the log says has changed since; then the row says that Redis holds. So nobody finds in Redis what was removed or replaced meanwhile.
/// </summary>
/// <param name="patience">How long Redis may take for a batch.</param>
internal sealed class ReturnCopy(CacheDatabase database, DatabaseState state, IDatabase redis, RedisNames names, TimeSpan patience)
{
    /// <summary>For so long one process alone copies; it says so again with each batch.</summary>
    public const long ClaimMilliseconds = 5_000;

    private const int Batch = 500;
    private const int MostEntries = 100_000;
    private const int MostLocked = 2_000;
    private const int Rounds = 10;

    // Clocks that agree as well as these do are taken for the same: entries then keep their times to the millisecond.
    private const long SameClock = 1_000;

    /// <param name="row">The state when the copy began.</param>
    /// <param name="to">A generation that has begun in Redis and that nobody uses yet.</param>
    /// <param name="redisNow">Redis's time at the row's.</param>
    /// <returns>False where the state changed meanwhile: nothing was moved.</returns>
    public async Task<bool> RunAsync(StateRow row, Regime to, long redisNow, CancellationToken cancellationToken)
    {
        long ahead = Math.Abs(redisNow - row.Now) < SameClock ? 0 : redisNow - row.Now;
        long from = row.Position;
        await MarksAsync("position >= $1", [row.Regime.Base], cancellationToken);
        await EntriesAsync(row, to, ahead, cancellationToken);
        for (int round = 0; round < Rounds; round++)
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var transaction = await BeginAsync(connection, cancellationToken);
            var locked = database.Dialect == StoreDialect.Postgres ? " FOR UPDATE" : "";
            var positions = await QueryAsync(connection, transaction, $"SELECT position FROM cache_state WHERE id = 1 AND generation = $1 AND holder = 'database'{locked}", [row.Regime.Generation], r => r.GetInt64(0), cancellationToken);
            if (positions.Count == 0)
            {
                return false;
            }

            if (positions[0] - from > MostLocked)
            {
                // Too much to keep the others waiting for.
                await transaction.RollbackAsync(cancellationToken);
                await ChangesAsync(connection, null, row, to, ahead, from, positions[0], cancellationToken);
                from = positions[0];
                continue;
            }

            await ChangesAsync(connection, transaction, row, to, ahead, from, positions[0], cancellationToken);
            await QueryAsync(connection, transaction, "UPDATE cache_state SET generation = $2, holder = 'redis', base = $3, position = $4, away_until = 0 WHERE id = 1 AND generation = $1 RETURNING 1",
                [row.Regime.Generation, to.Generation, to.Base, Positions.Of(to.Generation, 0)], _ => 0, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }

        return false;
    }

    private async Task EntriesAsync(StateRow row, Regime to, long ahead, CancellationToken cancellationToken)
    {
        var (tenant, key) = ("", "");
        for (int copied = 0; copied < MostEntries; copied += Batch)
        {
            var rows = await database.QueryAsync($"{CacheSql.Copy} AND (tenant, key) > ($3, $4) ORDER BY tenant, key LIMIT {Batch}", [row.Regime.Generation, row.Now, tenant, key], Read, cancellationToken);
            await SendAsync(rows.Select(r => Set(r, row, to, ahead)));
            if (rows.Count < Batch)
            {
                return;
            }

            await state.StayAwayAsync(ClaimMilliseconds, cancellationToken);
            (tenant, key) = (rows[^1].Tenant, rows[^1].Key);
        }
    }

    private async Task MarksAsync(string where, object[] parameters, CancellationToken cancellationToken)
    {
        var marks = await database.QueryAsync($"SELECT kind, tenant, name, position FROM cache_marks WHERE {where}", parameters,
            r => new LogLine(r.GetInt64(3), 0, new Invalidation((InvalidationKind)r.GetInt16(0), r.GetString(1), r.GetString(2))), cancellationToken);
        foreach (var chunk in marks.Chunk(Batch))
        {
            await SendAsync(chunk.Select(Mark));
        }
    }

    private async Task ChangesAsync(DbConnection connection, DbTransaction? transaction, StateRow row, Regime to, long ahead, long from, long until, CancellationToken cancellationToken)
    {
        var lines = await QueryAsync(connection, transaction, "SELECT position, kind, tenant, name FROM cache_log WHERE position > $1 AND position <= $2 ORDER BY position", [from, until],
            r => new LogLine(r.GetInt64(0), 0, new Invalidation((InvalidationKind)r.GetInt16(1), r.GetString(2), r.GetString(3))), cancellationToken);
        await SendAsync(lines.Where(l => l.What.Kind != InvalidationKind.Key).Select(Mark));
        foreach (var what in lines.Where(l => l.What.Kind == InvalidationKind.Key).Select(l => l.What).Distinct())
        {
            // The row may have another floor than what was copied, or be gone: both names are made right.
            var rows = await QueryAsync(connection, transaction, $"{CacheSql.Copy} AND tenant = $3 AND key = $4", [row.Regime.Generation, row.Now, what.Tenant, what.Name], Read, cancellationToken);
            var floors = await QueryAsync(connection, transaction,
                "SELECT position FROM cache_marks WHERE tenant = $1 AND (kind = 4 OR (kind = 3 AND substr($2, 1, length(name)) = name))", [what.Tenant, what.Name], r => r.GetInt64(0), cancellationToken);
            var stale = floors.Append(row.Regime.Base).Where(f => rows.Count == 0 || rows[0].Floor != f).Select(f => redis.KeyDeleteAsync(names.Entry(new Place(to.Generation, f, what.Tenant, what.Name)), CommandFlags.None));
            await SendAsync([.. stale, .. rows.Select(r => Set(r, row, to, ahead))]);
        }
    }

    private Task Mark(LogLine line) => redis.HashSetAsync(line.What.Kind == InvalidationKind.Tag ? names.Tags : names.Floors,
        RedisLine.Mark(line.What.Kind, line.What.Tenant, line.What.Name), RedisLine.WritePosition(line.Position), When.Always, CommandFlags.None);

    private Task Set(Row r, StateRow row, Regime to, long ahead)
    {
        var entry = r.Entry with { CreatedAt = r.Entry.CreatedAt + ahead, ExpiresAt = r.Entry.ExpiresAt + ahead };
        return redis.StringSetAsync(names.Entry(new Place(to.Generation, r.Floor, r.Tenant, r.Key)), Envelope.Write(entry), TimeSpan.FromMilliseconds(Math.Max(1, r.EndsAt - row.Now)), When.Always, CommandFlags.None);
    }

    private Task SendAsync(IEnumerable<Task> commands) => Task.WhenAll(commands).WaitAsync(patience);

    // On SQLite this locks as the row's lock does on Postgres.
    private static async Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection is Microsoft.Data.Sqlite.SqliteConnection sqlite ? sqlite.BeginTransaction(deferred: false) : await connection.BeginTransactionAsync(cancellationToken);

    private static async Task<List<T>> QueryAsync<T>(DbConnection connection, DbTransaction? transaction, string sql, object[] parameters, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        CacheDatabase.Bind(command.Parameters, command.CreateParameter, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    private static Row Read(DbDataReader r)
    {
        var (key, entry) = EntryColumns.Read(r);
        return new Row(r.GetString(11), key, r.GetInt64(12), r.GetInt64(13), entry);
    }

    private sealed record Row(string Tenant, string Key, long Floor, long EndsAt, SharedEntry Entry);
}
