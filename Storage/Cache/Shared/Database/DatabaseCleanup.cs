using CloudStore.Storage.Records;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>Keeps the cache's tables small, in batches that nobody waits for long; any number of processes may do so at once.</summary>
public sealed class DatabaseCleanup(CacheDatabase database, TimeProvider time)
{
    private const int Batch = 1_000;

    // Nobody waits for it, and on a database that is behind it would else never get done what makes it so.
    private const int Seconds = 60;

    private static readonly string Trim = $"DELETE FROM cache_log WHERE position <= (SELECT position - {DatabaseState.Kept} FROM cache_state WHERE id = 1)";

    private string Clock => database.Dialect == StoreDialect.Postgres ? "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)" : $"{time.GetUtcNow().ToUnixTimeMilliseconds()}";

    /// <summary>Removes entries whose time is over or whose generation is, and what is remembered of earlier generations.</summary>
    /// <returns>How many entries.</returns>
    public async Task<long> RemoveOverAsync(CancellationToken cancellationToken)
    {
        long removed = await RepeatAsync($"ends_at <= {Clock} OR generation <> (SELECT generation FROM cache_state WHERE id = 1)", [], cancellationToken);
        await database.ExecuteAsync($"DELETE FROM cache_leases WHERE until <= {Clock}", [], Seconds, cancellationToken);
        await database.ExecuteAsync("DELETE FROM cache_marks WHERE position < (SELECT base FROM cache_state WHERE id = 1)", [], Seconds, cancellationToken);
        await database.ExecuteAsync(Trim, [], Seconds, cancellationToken);
        return removed;
    }

    /// <summary>Removes lines of the log that no process asks for any more.</summary>
    public Task TrimAsync(CancellationToken cancellationToken) => database.ExecuteAsync(Trim, [], cancellationToken);

    /// <summary>Removes, of each tenant with too many entries or bytes of values, those that end first.</summary>
    /// <returns>How many entries.</returns>
    public async Task<long> EvictAsync(long mostEntries, long mostBytes, CancellationToken cancellationToken)
    {
        long removed = 0;
        var full = await database.QueryAsync("SELECT tenant FROM cache_entries GROUP BY tenant HAVING count(*) > $1 OR sum(length(payload)) > $2", [mostEntries, mostBytes], r => r.GetString(0), cancellationToken);
        foreach (var tenant in full)
        {
            removed += await database.ExecuteAsync("""
                DELETE FROM cache_entries WHERE tenant = $1 AND key IN (SELECT key FROM
                    (SELECT key, count(*) OVER longest AS entries, sum(length(payload)) OVER longest AS bytes FROM cache_entries WHERE tenant = $1 WINDOW longest AS (ORDER BY ends_at DESC, key DESC)) AS kept
                    WHERE entries > $2 OR bytes > $3)
                """, [tenant, mostEntries, mostBytes], cancellationToken);
        }

        return removed;
    }

    private async Task<long> RepeatAsync(string condition, object[] parameters, CancellationToken cancellationToken)
    {
        long removed = 0;
        int last;
        do
        {
            last = await database.ExecuteAsync(
                $"DELETE FROM cache_entries WHERE (tenant, key) IN (SELECT tenant, key FROM cache_entries WHERE {condition} LIMIT {Batch})", parameters, Seconds, cancellationToken);
            removed += last;
        }
        while (last == Batch);
        return removed;
    }
}
