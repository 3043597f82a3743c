using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records;

/// <summary>What a database keeps of values that were replaced or removed, and how it lets go of them: for values that must not be found in its files any more.</summary>
internal static class FormerVersions
{
    /// <summary>Does the work so that on SQLite what it overwrites is overwritten with zeros.</summary>
    public static async Task OverwriteAsync(StoreContext context, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (context.Dialect != StoreDialect.Sqlite)
        {
            await work(cancellationToken);
            return;
        }

        // The setting is the connection's, which therefore stays open.
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await context.Database.ExecuteSqlRawAsync("PRAGMA secure_delete=ON", cancellationToken);
            await work(cancellationToken);
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Removes the former versions of a table's rows; after the transaction that replaced them.</summary>
    public static Task RemoveAsync(StoreContext context, string table, CancellationToken cancellationToken)
    {
        var sql = context.Dialect == StoreDialect.Postgres ? $"VACUUM {table}" : "PRAGMA wal_checkpoint(TRUNCATE)";
        return context.Database.ExecuteSqlRawAsync(sql, cancellationToken);
    }
}
