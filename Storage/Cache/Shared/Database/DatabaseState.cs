using System.Data.Common;
using System.Diagnostics;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>The state row, as it was read.</summary>
internal sealed record StateRow(string Installation, Regime Regime, long Position, long AwayUntil, long Now);

/// <summary>Reads and changes the one row that says which store holds, and reads the log where the database does.</summary>
internal sealed class DatabaseState(CacheDatabase database, DatabaseGuard guard, TimeProvider time)
{
    /// <summary>Lines read in one look, and kept.</summary>
    public const int Kept = 20_000;

    private const string Redis = "redis";

    // SQLite is a file of this machine, whose clock there is no other for.
    private string Clock => database.Dialect == StoreDialect.Postgres ? "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)" : $"{time.GetUtcNow().ToUnixTimeMilliseconds()}";

    /// <summary>The row and, where the database holds the log, what stands in it behind a position; of one moment.</summary>
    public async Task<(StateRow Row, LogPage Page)?> ReadAsync(long from, bool withFloors, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        var lines = withFloors
            ? "SELECT position, 0 AS origin, kind, tenant, name FROM cache_marks WHERE kind > 2 AND $1 >= 0"
            : $"SELECT position, origin, kind, tenant, name FROM cache_log WHERE position > $1 ORDER BY position LIMIT {Kept}";
        var rows = new List<StateRow>(1);
        var read = await guard.RunAsync(() => database.QueryAsync($"""
            SELECT s.installation, s.generation, s.holder, s.base, s.position, s.away_until, {Clock}, l.position, l.origin, l.kind, l.tenant, l.name
            FROM cache_state s LEFT JOIN ({lines}) l ON s.holder = 'database' WHERE s.id = 1 ORDER BY l.position
            """, [from], r => Line(r, rows), cancellationToken), cancellationToken, always: true);
        if (rows.FirstOrDefault() is not { } row)
        {
            return null;
        }

        var found = read.OfType<LogLine>().ToList();
        bool all = found.Count == row.Position - from || row.Position <= from;
        return (row, new LogPage
        {
            Started = started,
            Generation = row.Regime.Generation,
            Base = row.Regime.Base,
            // A look that was cut short goes on from its last line next time.
            Position = !withFloors && !all && found.Count == Kept && found[0].Position == from + 1 ? found[^1].Position : row.Position,
            Missed = !withFloors && !all && !(found.Count == Kept && found[0].Position == from + 1),
            Lines = withFloors ? [] : found,
            Floors = withFloors ? found : [],
            Now = row.Now,
        });
    }

    /// <summary>Makes the row unless somebody has.</summary>
    public Task CreateAsync(Holder holder, CancellationToken cancellationToken)
    {
        var installation = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4));
        long generation = Positions.FirstGeneration(time.GetUtcNow().ToUnixTimeMilliseconds());
        return guard.RunAsync(() => database.ExecuteAsync("""
            INSERT INTO cache_state (id, installation, generation, holder, base, position, away_until) VALUES (1, $1, $2, $3, $4, $4, 0) ON CONFLICT DO NOTHING
            """, [installation, generation, Name(holder), Positions.Of(generation, 0)], cancellationToken), cancellationToken, always: true);
    }

    /// <summary>Begins a generation, unless another process has begun one since <paramref name="from"/>.</summary>
    /// <param name="awayFor">Milliseconds for which this process says that it cannot use Redis.</param>
    public async Task<bool> MoveAsync(long from, Regime to, long awayFor, CancellationToken cancellationToken) =>
        await guard.RunAsync(() => database.ExecuteAsync($"""
            UPDATE cache_state SET generation = $2, holder = $3, base = $4, position = $5, away_until = CASE WHEN $6 > 0 THEN {Clock} + $6 ELSE away_until END
            WHERE id = 1 AND generation = $1
            """, [from, to.Generation, Name(to.Holder), to.Base, Positions.Of(to.Generation, 0), awayFor], cancellationToken), cancellationToken, always: true) == 1;

    /// <summary>Says that this process cannot use Redis.</summary>
    public Task StayAwayAsync(long milliseconds, CancellationToken cancellationToken) =>
        guard.RunAsync(() => database.ExecuteAsync($"UPDATE cache_state SET away_until = {Clock} + $1 WHERE id = 1 AND away_until < {Clock} + $1", [milliseconds], cancellationToken), cancellationToken);

    /// <summary>Takes the move back to Redis for this process alone, for so long; the same field as for staying away, since either keeps others from moving.</summary>
    public async Task<bool> ClaimReturnAsync(long generation, long milliseconds, CancellationToken cancellationToken) =>
        await guard.RunAsync(() => database.ExecuteAsync($"UPDATE cache_state SET away_until = {Clock} + $2 WHERE id = 1 AND generation = $1 AND holder = 'database' AND away_until <= {Clock}",
            [generation, milliseconds], cancellationToken), cancellationToken) == 1;

    private static string Name(Holder holder) => holder == Holder.Redis ? Redis : "database";

    private static LogLine? Line(DbDataReader r, List<StateRow> rows)
    {
        if (rows.Count == 0)
        {
            rows.Add(new StateRow(r.GetString(0), new Regime(r.GetInt64(1), r.GetString(2) == Redis ? Holder.Redis : Holder.Database, r.GetInt64(3)), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6)));
        }

        return r.IsDBNull(7) ? null : new LogLine(r.GetInt64(7), r.GetInt64(8), new Invalidation((InvalidationKind)r.GetInt16(9), r.GetString(10), r.GetString(11)));
    }
}
