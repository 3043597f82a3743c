using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Access;

/// <summary>Runs changes of keys that depend on other keys one at a time, over all processes.</summary>
internal static class KeysLock
{
    // "cs-keys" in ASCII: any number will do that nobody else of this database locks.
    private const long LockId = 0x63732D6B657973;

    public static Task<T> RunAsync<T>(StoreContext context, Func<Task<T>> work, CancellationToken cancellationToken) =>
        context.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            // After a failure the strategy runs this again from the start: nothing tracked may remain from before.
            context.ChangeTracker.Clear();
            // SQLite takes its one write lock here (BEGIN IMMEDIATE).
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            if (context.Dialect == StoreDialect.Postgres)
            {
                await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockId})", token);
            }

            var result = await work();
            await transaction.CommitAsync(token);
            return result;
        }, cancellationToken);
}
