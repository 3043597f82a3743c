using Microsoft.Data.Sqlite;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>
/// Where records are in SQLite, the cache's tables are in a file of their own beside theirs: SQLite lets one connection write at a time, and an import holds the records' file
/// for whole transactions, which nobody should wait for who reads through the cache. Nothing is lost with the file but what can be computed again.
/// </summary>
internal static class CacheFile
{
    // Of another version it begins anew, empty.
    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE cache_entries (tenant TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, floor INTEGER NOT NULL, format INTEGER NOT NULL, payload BLOB NOT NULL, number INTEGER,
            position INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, stale_for INTEGER NOT NULL, sliding INTEGER NOT NULL, ends_at INTEGER NOT NULL,
            tag_count INTEGER NOT NULL, tags BLOB NOT NULL, PRIMARY KEY (tenant, key));
        CREATE INDEX ix_cache_entries_ends_at ON cache_entries (ends_at);
        CREATE TABLE cache_log (position INTEGER NOT NULL PRIMARY KEY, origin INTEGER NOT NULL, kind INTEGER NOT NULL, tenant TEXT NOT NULL, name TEXT NOT NULL);
        CREATE TABLE cache_marks (tenant TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (tenant, kind, name));
        CREATE TABLE cache_leases (tenant TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (tenant, key));
        CREATE INDEX ix_cache_leases_until ON cache_leases (until);
        CREATE TABLE cache_state (id INTEGER NOT NULL PRIMARY KEY, installation TEXT NOT NULL, generation INTEGER NOT NULL, holder TEXT NOT NULL, base INTEGER NOT NULL, position INTEGER NOT NULL,
            away_until INTEGER NOT NULL);
        """;

    /// <summary>The connection string of the cache's file, of that of the records': <c>records.db</c> has <c>records-cache.db</c>.</summary>
    public static string Beside(string records)
    {
        var connection = new SqliteConnectionStringBuilder(records);
        var file = connection.DataSource;
        connection.DataSource = Path.Combine(Path.GetDirectoryName(file) ?? "", $"{Path.GetFileNameWithoutExtension(file)}-cache{Path.GetExtension(file)}");
        return connection.ConnectionString;
    }

    /// <summary>Makes the tables, unless somebody has.</summary>
    public static void Prepare(SqliteConnection connection)
    {
        if (VersionOf(connection, null) == Version)
        {
            return;
        }

        Execute(connection, null, "PRAGMA journal_mode=WAL");
        using var transaction = connection.BeginTransaction(deferred: false);
        if (VersionOf(connection, transaction) != Version)
        {
            foreach (var table in (string[])["cache_entries", "cache_log", "cache_marks", "cache_leases", "cache_state"])
            {
                Execute(connection, transaction, $"DROP TABLE IF EXISTS {table}");
            }

            Execute(connection, transaction, Tables);
            Execute(connection, transaction, $"PRAGMA user_version={Version}");
        }

        transaction.Commit();
    }

    private static long VersionOf(SqliteConnection connection, SqliteTransaction? transaction)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = ("PRAGMA user_version", transaction);
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        command.ExecuteNonQuery();
    }
}
