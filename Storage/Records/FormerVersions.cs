using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records;

/// <summary>What a database keeps of values that were replaced or removed, and how it lets go of them: for values that must not be found in its files any more.</summary>
internal static partial class FormerVersions
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a caller waits for whoever still sees the former versions.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly string[] Tables = ["data_keys", "erasure_marks", "idempotency_keys", "import_rejects", "person_jobs", "store_secrets", "stored_files"];

    /// <summary>Does the work so that on SQLite what it overwrites is overwritten with zeros.</summary>
    public static async Task<T> OverwriteAsync<T>(StoreContext context, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (context.Dialect != StoreDialect.Sqlite)
        {
            return await work(cancellationToken);
        }

        // The setting is the connection's, which therefore stays open.
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await context.Database.ExecuteSqlRawAsync("PRAGMA secure_delete=ON", cancellationToken);
            return await work(cancellationToken);
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    /// <inheritdoc cref="OverwriteAsync{T}"/>
    public static Task OverwriteAsync(StoreContext context, Func<CancellationToken, Task> work, CancellationToken cancellationToken) => OverwriteAsync(context, async ct =>
    {
        await work(ct);
        return true;
    }, cancellationToken);

    /// <summary>
    /// Removes the former versions of a table's rows; after the transaction that replaced them. Where somebody still sees them, it waits a little; where that is not enough, the log says so, and the
    /// keeper removes them once they are no longer seen.
    /// </summary>
    /// <param name="context">One without a tenant, in no transaction.</param>
    public static async Task RemoveAsync(StoreContext context, string table, CancellationToken cancellationToken)
    {
        if (!await RemoveAsync(context, table, Patience, cancellationToken))
        {
            Seen(context.GetService<ILoggerFactory>().CreateLogger(typeof(FormerVersions)), table);
        }
    }

    /// <returns>False where somebody still saw them when the patience ran out: they are still there.</returns>
    internal static async Task<bool> RemoveAsync(StoreContext context, string table, TimeSpan patience, CancellationToken cancellationToken)
    {
        // The database's own time: it waits for others of its connections.
        var (time, start) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        var horizon = context.Dialect == StoreDialect.Postgres ? await ScalarAsync(context, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text", null, cancellationToken) : null;
        bool seen;
        while ((seen = horizon is null ? !await CheckpointAsync(context, cancellationToken) : await IsSeenAsync(context, horizon, cancellationToken)) && time.GetElapsedTime(start) < patience)
        {
            await Task.Delay(Look, time, cancellationToken);
        }

        if (horizon is not null)
        {
            await VacuumAsync(context, table, cancellationToken);
        }

        return !seen;
    }

    /// <summary>Removes what earlier calls had to leave, and those of processes that were killed before theirs.</summary>
    /// <param name="context">One without a tenant, in no transaction.</param>
    public static async Task RemoveLeftAsync(StoreContext context, CancellationToken cancellationToken)
    {
        if (context.Dialect == StoreDialect.Sqlite)
        {
            await RemoveAsync(context, "", Patience, cancellationToken);
            return;
        }

        foreach (var table in Tables)
        {
            await VacuumAsync(context, table, cancellationToken);
        }
    }

    private static Task VacuumAsync(StoreContext context, string table, CancellationToken cancellationToken) => ScalarAsync(context, $"VACUUM {table}", null, cancellationToken);

    // The log beside the file keeps what it held until nobody reads from it any more and it is cut off. That it was not, the first column of the answer says, and no error.
    private static async Task<bool> CheckpointAsync(StoreContext context, CancellationToken cancellationToken) =>
        Convert.ToInt64(await ScalarAsync(context, "PRAGMA wal_checkpoint(TRUNCATE)", null, cancellationToken), null) == 0;

    // VACUUM leaves what any snapshot from before the horizon may see. A transaction that writes, in whichever database, keeps later snapshots as old as itself; so do standbys and prepared ones.
    private static async Task<bool> IsSeenAsync(StoreContext context, object horizon, CancellationToken cancellationToken) => await ScalarAsync(context, """
        SELECT EXISTS (SELECT FROM (
            SELECT backend_xid AS oldest FROM pg_stat_activity WHERE pid <> pg_backend_pid()
            UNION ALL SELECT backend_xmin FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (datname IS NULL OR datname = current_database())
            UNION ALL SELECT xmin FROM pg_replication_slots
            UNION ALL SELECT transaction FROM pg_prepared_xacts) AS held WHERE age(oldest) > age(@horizon::xid8::xid))
        """, horizon, cancellationToken) is true;

    private static async Task<object?> ScalarAsync(StoreContext context, string sql, object? horizon, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using DbCommand command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = sql;
            command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
            if (horizon is not null)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ("@horizon", horizon);
                command.Parameters.Add(parameter);
            }

            return await command.ExecuteScalarAsync(cancellationToken);
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "An open transaction still sees former versions of rows of {Table}, which are to be destroyed; the keeper removes them within an hour of its end.")]
    private static partial void Seen(ILogger logger, string table);
}
