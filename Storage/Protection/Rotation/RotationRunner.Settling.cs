using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>Between two passes: until nobody can write under an old key behind the next one's back.</summary>
public sealed partial class RotationRunner
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Waits, however long that takes, until every process must have noticed the new keys and the transactions that write by then have ended: they may hold rows under an old key that nobody
    /// sees yet. Keeps the lease meanwhile, and tells what it waits for each time it does.
    /// </summary>
    /// <returns>False where another process took the rotation over.</returns>
    private async Task<bool> SettleAsync(StoreContext context, KeyRotation rotation, DateTime settled, IProgress<KeyRotation>? progress, CancellationToken cancellationToken)
    {
        HashSet<string>? writers = null;
        var renewAt = context.Now() + LeaseTime / 3;
        while (true)
        {
            if (context.Now() >= settled)
            {
                var writing = await WritersAsync(context, cancellationToken);
                (writers ??= [.. writing]).IntersectWith(writing);
                if (writers.Count == 0)
                {
                    return true;
                }
            }

            if (context.Now() >= renewAt)
            {
                if (!await CountAsync(context, rotation, 0, 0, cancellationToken))
                {
                    return false;
                }

                renewAt = context.Now() + LeaseTime / 3;
                rotation.WaitsFor = writers is null ? "other processes to notice the new keys" : $"{writers.Count} transactions from before to end ({string.Join("; ", writers.Order(StringComparer.Ordinal))})";
                progress?.Report(rotation);
            }

            await Task.Delay(Look, time, cancellationToken);
        }
    }

    /// <summary>The transactions of this database that have written something. None on SQLite, where the rotation's own next write waits for the one there is.</summary>
    private static async Task<List<string>> WritersAsync(StoreContext context, CancellationToken cancellationToken) => context.Dialect != StoreDialect.Postgres ? []
        : await context.Database.SqlQuery<string>($"""
            SELECT 'process ' || pid || ', transaction ' || backend_xid::text AS "Value" FROM pg_stat_activity
            WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
            """).ToListAsync(cancellationToken);
}
