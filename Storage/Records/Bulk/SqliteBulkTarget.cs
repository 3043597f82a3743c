using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;
using static SQLitePCL.raw;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// One prepared INSERT for all rows, through SQLite's own interface: the provider's parameter objects would cost more than the insert. A row whose key exists
/// fails alone (SQLite undoes the statement, not the transaction) and then updates, skips or rejects.
/// </summary>
internal sealed class SqliteBulkTarget<T> : IBulkTarget<T>
    where T : Record
{
    private const int UniqueViolation = 2067;

    // Read by name: the provider may be built against another version of the native interface's package than the one that is loaded.
    private static readonly System.Reflection.PropertyInfo HandleProperty = typeof(SqliteConnection).GetProperty("Handle")!;

    public Task<BulkResult> WriteAsync(StoreContext context, BulkPlan<T> plan, BulkBatch<T> batch, ConflictMode mode, IReadOnlySet<string>? updateProperties, CancellationToken cancellationToken)
    {
        var handle = Handle((SqliteConnection)context.Database.GetDbConnection());
        // 64 MiB of pages: the indexes of a large table are written in place instead of being read again for every batch. As much log before it is copied
        // into the file: a page that several batches change is copied once.
        sqlite3_exec(handle, "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8192");
        var refused = new List<int>();
        long inserted = 0;
        long updated = batch.Replaced;
        long skipped = 0;
        using var insert = Prepare(handle, InsertSql(plan));
        using var update = mode == ConflictMode.Update && plan.KeyProperty is not null ? Prepare(handle, UpdateSql(plan, updateProperties)) : null;
        var inserting = new SqliteBinding<T>(plan, insert);
        var updating = update is null ? null : new SqliteBinding<T>(plan, update);
        for (int i = 0; i < batch.Count; i++)
        {
            if (i % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            inserting.Bind(batch[i]);
            int code = sqlite3_step(insert);
            sqlite3_reset(insert);
            if (code == SQLITE_DONE)
            {
                inserted++;
            }
            else if (plan.KeyProperty is null || sqlite3_extended_errcode(handle) != UniqueViolation)
            {
                throw Failure(handle, code);
            }
            else if (mode == ConflictMode.Update)
            {
                StoredTokens.Adopt(context, plan, batch[i], updateProperties);
                updating!.Bind(batch[i]);
                Run(handle, update!);
                updated++;
            }
            else if (mode == ConflictMode.Skip)
            {
                skipped++;
            }
            else
            {
                refused.Add(batch.IndexOf(i));
            }
        }

        if (mode == ConflictMode.Reject)
        {
            refused.AddRange(batch.Duplicates);
            refused.Sort();
        }
        else
        {
            skipped += batch.Duplicates.Count;
        }

        return Task.FromResult(new BulkResult(inserted, updated, skipped, refused));
    }

    private static string InsertSql(BulkPlan<T> plan) =>
        $"INSERT INTO {plan.Table} ({string.Join(", ", plan.Columns)}) VALUES ({string.Join(", ", plan.Properties.Select((_, i) => $"?{i + 1}"))})";

    // Numbered parameters: the update binds the whole row like the insert and uses what it needs of it.
    private static string UpdateSql(BulkPlan<T> plan, IReadOnlySet<string>? updateProperties)
    {
        var numbers = plan.Columns.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => $"?{p.i + 1}");
        var key = plan.KeyColumn;
        var sets = string.Concat(plan.UpdateColumns(updateProperties).Select(c => $"{c} = {numbers[c]}, "));
        return $"UPDATE {plan.Table} SET {sets}updated_at = {numbers["\"updated_at\""]}, revision = revision + 1 "
            + $"WHERE tenant = {numbers["\"tenant\""]} AND {key} = {numbers[key]} AND deleted_at IS NULL";
    }

    private static sqlite3 Handle(SqliteConnection connection) => (sqlite3)HandleProperty.GetValue(connection)!;

    private static sqlite3_stmt Prepare(sqlite3 handle, string sql)
    {
        int code = sqlite3_prepare_v2(handle, sql, out var statement);
        return code == SQLITE_OK ? statement : throw Failure(handle, code);
    }

    private static void Run(sqlite3 handle, sqlite3_stmt statement)
    {
        int code = sqlite3_step(statement);
        sqlite3_reset(statement);
        if (code != SQLITE_DONE)
        {
            throw Failure(handle, code);
        }
    }

    private static SqliteException Failure(sqlite3 handle, int code) =>
        new(sqlite3_errmsg(handle).utf8_to_string(), code, sqlite3_extended_errcode(handle));
}
