using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.RowSecurity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records;

/// <summary>
/// Brings the database to the newest schema, with row-level security on Postgres. Safe to call from several processes at once: one migrates, the others wait.
/// </summary>
public sealed partial class StoreMigrator(StoreContext context, DataOptions data, RowSecurityMigrator rowSecurity, AuditKeyring audit, ILogger<StoreMigrator> logger)
{
    /// <returns>The migrations applied, oldest first.</returns>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancellationToken = default)
    {
        using var fileLock = context.Dialect == StoreDialect.Sqlite ? await LockFileAsync(cancellationToken) : null;
        var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            if (context.Dialect == StoreDialect.Sqlite)
            {
                // Kept in the file. Pages twice the usual size: a bulk load touches the same indexes with half the writes. Write-ahead log: readers see the last
                // commit while a writer works, and neither waits for the other. (Entity Framework sets it for a file it makes, but the next statement would make it.)
                await context.Database.ExecuteSqlRawAsync("PRAGMA page_size=8192; PRAGMA journal_mode=WAL", cancellationToken);
                // Entity Framework's own lock is a row that a killed process leaves behind; under the file lock it can be nobody else's.
                await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
            }

            await context.Database.MigrateAsync(cancellationToken);
            Migrated(logger, pending.Count, pending[^1]);
        }

        if (context.Dialect == StoreDialect.Postgres)
        {
            await rowSecurity.ApplyAsync(cancellationToken);
        }

        // Whatever is written from here on is audited.
        await audit.LoadAsync(context, cancellationToken);
        return pending;
    }

    /// <summary>True where the schema is the newest.</summary>
    public async Task<bool> IsCurrentAsync(CancellationToken cancellationToken = default) =>
        !(await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any()
        && (context.Dialect != StoreDialect.Postgres || await rowSecurity.IsAppliedAsync(cancellationToken));

    private async Task<FileStream> LockFileAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(data.PathOf());
        while (true)
        {
            try
            {
                return new FileStream(data.PathOf("records.db.migrating"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Applied {Count} migrations; the schema is now {Newest}.")]
    private static partial void Migrated(ILogger logger, int count, string newest);
}
