using System.Data.Common;
using System.Diagnostics;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Records.Direct;

/// <summary>
/// What requests do most: read a record, add a record, read a page. The statements are run by the driver itself, on the context's connection, in its
/// transaction if it has one, and again after a transient fault as the context's own would be; no record becomes tracked.
/// </summary>
internal static class DirectCommands
{
    /// <summary>The record, if it is there for the context's tenant.</summary>
    public static Task<T?> ReadOneAsync<T>(this StoreContext context, Guid id, CancellationToken cancellationToken)
        where T : Record =>
        RunAsync(context, id, static (c, id, connection) => DirectStatement<T>.For(c).Find(connection, id, c.Tenant), static async (c, command, ct) =>
        {
            await using var reader = await ExecuteReaderAsync(c, command, ct);
            return await reader.ReadAsync(ct) ? Opened(c, RowMapper<T>.For(c).For(command.CommandText, reader)(reader)) : null;
        }, cancellationToken);

    /// <summary>Adds a record that is stamped already, and the event of it; both or none.</summary>
    public static async Task<int> InsertAsync<T>(this StoreContext context, T record, CancellationToken cancellationToken)
        where T : Record
    {
        context.Changes?.Add(record.Tenant, BulkPlan<T>.For(context).Table, addedOnly: true);
        try
        {
            return await RunInsertAsync(context, record, cancellationToken);
        }
        finally
        {
            context.PublishChanges();
        }
    }

    private static Task<int> RunInsertAsync<T>(StoreContext context, T record, CancellationToken cancellationToken)
        where T : Record =>
        RunAsync(context, (record, e: AuditCapture.OfInsert(context, record)), static (c, s, connection) => DirectStatement<T>.For(c).Insert(connection, s.record, s.e), static async (c, command, ct) =>
        {
            // On Postgres the command is one statement. On SQLite it is two, and needs a transaction that makes them one.
            await using var transaction = c.Dialect == StoreDialect.Sqlite && command.Transaction is null ? await command.Connection!.BeginTransactionAsync(ct) : null;
            command.Transaction ??= transaction;
            int rows = await ExecuteNonQueryAsync(c, command, ct);
            await (transaction?.CommitAsync(ct) ?? Task.CompletedTask);
            return rows;
        }, cancellationToken);

    /// <summary>The records of a query that gives whole records, with at most <paramref name="most"/> of them expected.</summary>
    public static Task<List<T>> ReadAsync<T>(this StoreContext context, IQueryable<T> query, int most, CancellationToken cancellationToken)
        where T : Record =>
        RunAsync(context, query, static (_, query, _) => query.CreateDbCommand(), async (c, command, ct) =>
        {
            var records = new List<T>(most);
            await using var reader = await ExecuteReaderAsync(c, command, ct);
            var map = RowMapper<T>.For(c).For(command.CommandText, reader);
            while (await reader.ReadAsync(ct))
            {
                records.Add(map(reader));
            }

            ProtectedPlan<T>.Of(c)?.OpenAll(c, records);
            return records;
        }, cancellationToken);

    private static T Opened<T>(StoreContext context, T record)
        where T : Record
    {
        context.Open(record);
        return record;
    }

    // The context's interceptors measure commands and log slow ones: these too.
    private static async Task<DbDataReader> ExecuteReaderAsync(StoreContext context, DbCommand command, CancellationToken cancellationToken)
    {
        var log = context.GetService<IRelationalCommandDiagnosticsLogger>();
        var startedAt = context.Time.GetUtcNow();
        long started = Stopwatch.GetTimestamp();
        var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await log.CommandReaderExecutedAsync(context.GetService<IRelationalConnection>(), command, command.CommandText, context, Guid.Empty, Guid.Empty, reader, startedAt,
            Stopwatch.GetElapsedTime(started), CommandSource.LinqQuery, cancellationToken);
    }

    private static async Task<int> ExecuteNonQueryAsync(StoreContext context, DbCommand command, CancellationToken cancellationToken)
    {
        var log = context.GetService<IRelationalCommandDiagnosticsLogger>();
        var startedAt = context.Time.GetUtcNow();
        long started = Stopwatch.GetTimestamp();
        int rows = await command.ExecuteNonQueryAsync(cancellationToken);
        return await log.CommandNonQueryExecutedAsync(context.GetService<IRelationalConnection>(), command, command.CommandText, context, Guid.Empty, Guid.Empty, rows, startedAt,
            Stopwatch.GetElapsedTime(started), CommandSource.SaveChanges, cancellationToken);
    }

    private static Task<TResult> RunAsync<TState, TResult>(
        StoreContext context, TState state, Func<StoreContext, TState, DbConnection, DbCommand> create, Func<StoreContext, DbCommand, CancellationToken, Task<TResult>> run, CancellationToken cancellationToken)
    {
        var strategy = context.Database.CreateExecutionStrategy();
        return strategy.RetriesOnFailure
            ? strategy.ExecuteAsync((context, state, create, run), static (s, ct) => OnceAsync(s.context, s.state, s.create, s.run, ct), cancellationToken)
            : OnceAsync(context, state, create, run, cancellationToken);
    }

    private static async Task<TResult> OnceAsync<TState, TResult>(
        StoreContext context, TState state, Func<StoreContext, TState, DbConnection, DbCommand> create, Func<StoreContext, DbCommand, CancellationToken, Task<TResult>> run, CancellationToken cancellationToken)
    {
        var database = context.GetService<IRelationalConnection>();
        await database.OpenAsync(cancellationToken);
        try
        {
            await using var command = create(context, state, database.DbConnection);
            command.Transaction = database.CurrentTransaction?.GetDbTransaction();
            command.CommandTimeout = database.CommandTimeout ?? command.CommandTimeout;
            return await run(context, command, cancellationToken);
        }
        finally
        {
            await database.CloseAsync();
        }
    }
}
