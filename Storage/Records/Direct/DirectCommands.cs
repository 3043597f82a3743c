using System.Data.Common;
using System.Diagnostics;
using System.Runtime.CompilerServices;
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
    // Until the first row of a large result the database may have to sort all of it; between rows nothing takes that long.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    /// <summary>The record, if it is there for the context's tenant.</summary>
    public static Task<T?> ReadOneAsync<T>(this StoreContext context, Guid id, CancellationToken cancellationToken)
        where T : Record =>
        RunAsync(context, id, static (c, id, connection) => DirectStatement<T>.For(c).Find(connection, id, c.Tenant), static async (c, command, ct) =>
        {
            await using var reader = await ExecuteReaderAsync(c, command, ct);
            return await reader.ReadAsync(ct) ? Opened(c, RowMapper<T>.For(c).For(command.CommandText, reader)(reader)) : null;
        }, cancellationToken);

    /// <summary>Adds a record that is stamped already, and the event of it; both or none. Records that are added at the same time may share a transaction.</summary>
    public static async Task InsertAsync<T>(this StoreContext context, T record, CancellationToken cancellationToken)
        where T : Record
    {
        var audit = AuditCapture.OfInsert(context, record);
        context.Changes?.Add(record.Tenant, BulkPlan<T>.For(context).Table, addedOnly: true);
        try
        {
            if (context.Inserts is { } groups && context.Database.CurrentTransaction is null)
            {
                await groups.For<T>(context.Tenant).AddAsync(context, record, audit, cancellationToken);
            }
            else
            {
                await context.InsertAloneAsync(record, audit, cancellationToken);
            }
        }
        finally
        {
            context.PublishChanges();
        }
    }

    /// <summary>Adds one record and its event.</summary>
    public static Task<int> InsertAloneAsync<T>(this StoreContext context, T record, AuditEvent? audit, CancellationToken cancellationToken)
        where T : Record =>
        RunAsync(context, (record, audit), static (c, s, connection) => DirectStatement<T>.For(c).Insert(connection, s.record, s.audit), static async (c, command, ct) =>
        {
            // On Postgres the command is one statement. On SQLite it is two, and needs a transaction that makes them one.
            await using var transaction = c.Dialect == StoreDialect.Sqlite && command.Transaction is null ? await command.Connection!.BeginTransactionAsync(ct) : null;
            command.Transaction ??= transaction;
            int rows = await ExecuteNonQueryAsync(c, command, ct);
            await (transaction?.CommitAsync(ct) ?? Task.CompletedTask);
            return rows;
        }, cancellationToken);

    /// <summary>Adds several records and their events, all or none. It is not tried again after a fault.</summary>
    public static async Task InsertTogetherAsync<T>(this StoreContext context, IReadOnlyList<(T Record, AuditEvent? Audit)> rows, CancellationToken cancellationToken)
        where T : Record
    {
        var database = context.GetService<IRelationalConnection>();
        await database.OpenAsync(cancellationToken);
        try
        {
            var statement = DirectStatement<T>.For(context);
            if (database.DbConnection.CanCreateBatch)
            {
                await ExecuteBatchAsync(context, database, statement, rows, cancellationToken);
                return;
            }

            await using var transaction = await database.DbConnection.BeginTransactionAsync(cancellationToken);
            foreach (var (record, audit) in rows)
            {
                await using var command = statement.Insert(database.DbConnection, record, audit);
                command.Transaction = transaction;
                await ExecuteNonQueryAsync(context, command, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        finally
        {
            await database.CloseAsync();
        }
    }

    /// <summary>The records of a query that gives whole records, with at most <paramref name="most"/> of them expected.</summary>
    public static async Task<List<T>> ReadAsync<T>(this StoreContext context, IQueryable<T> query, int most, CancellationToken cancellationToken)
        where T : Record
    {
        var records = await context.ReadRowsAsync(query, most, cancellationToken);
        ProtectedPlan<T>.Of(context)?.OpenAll(context, records);
        return records;
    }

    /// <summary>The rows of a query that gives whole entities, as they are stored.</summary>
    public static Task<List<T>> ReadRowsAsync<T>(this StoreContext context, IQueryable<T> query, int most, CancellationToken cancellationToken)
        where T : class =>
        RunAsync(context, query, static (_, query, _) => query.CreateDbCommand(), async (c, command, ct) =>
        {
            var rows = new List<T>(most);
            await using var reader = await ExecuteReaderAsync(c, command, ct);
            var map = RowMapper<T>.For(c).For(command.CommandText, reader);
            while (await reader.ReadAsync(ct))
            {
                rows.Add(map(reader));
            }

            return rows;
        }, cancellationToken);

    /// <summary>
    /// The records of a query that gives whole records, however many, in batches that are used again: take what you need before you ask for the next. One statement gives
    /// them all, and so one snapshot of the database, on Postgres and on SQLite; the connection is in use until the last.
    /// </summary>
    /// <param name="context">Whose.</param>
    /// <param name="query">In its order.</param>
    /// <param name="batchRows">Rows of a batch.</param>
    /// <param name="opens">False to leave encrypted fields as they are.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async IAsyncEnumerable<List<T>> StreamAsync<T>(
        this StoreContext context, IQueryable<T> query, int batchRows, bool opens, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : Record
    {
        var database = context.GetService<IRelationalConnection>();
        await database.OpenAsync(cancellationToken);
        try
        {
            await using var command = query.CreateDbCommand();
            command.CommandTimeout = (int)LongestSilence.TotalSeconds;
            await using var reader = await ExecuteReaderAsync(context, command, cancellationToken);
            bool ended = false;
            try
            {
                var map = RowMapper<T>.For(context).For(command.CommandText, reader);
                var batch = new List<T>(batchRows);
                while (!ended)
                {
                    batch.Clear();
                    while (batch.Count < batchRows && !(ended = !await reader.ReadAsync(cancellationToken)))
                    {
                        batch.Add(map(reader));
                    }

                    (opens ? ProtectedPlan<T>.Of(context) : null)?.OpenAll(context, batch);
                    yield return batch;
                }
            }
            finally
            {
                if (!ended)
                {
                    // Else closing the reader would take in all rows that are left.
                    command.Cancel();
                }
            }
        }
        finally
        {
            await database.CloseAsync();
        }
    }

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

    // A batch without a transaction of its own is one: the driver sends it whole, with one Sync at its end.
    private static async Task ExecuteBatchAsync<T>(
        StoreContext context, IRelationalConnection database, DirectStatement<T> statement, IReadOnlyList<(T Record, AuditEvent? Audit)> rows, CancellationToken cancellationToken)
        where T : Record
    {
        await using var batch = database.DbConnection.CreateBatch();
        await using var scratch = database.DbConnection.CreateCommand();
        batch.Timeout = database.CommandTimeout ?? scratch.CommandTimeout;
        foreach (var (record, audit) in rows)
        {
            statement.Fill(scratch, record, audit);
            var command = batch.CreateBatchCommand();
            command.CommandText = scratch.CommandText;
            var parameters = scratch.Parameters.Cast<DbParameter>().ToArray();
            scratch.Parameters.Clear();
            command.Parameters.AddRange(parameters);
            batch.BatchCommands.Add(command);
        }

        var log = context.GetService<IRelationalCommandDiagnosticsLogger>();
        var startedAt = context.Time.GetUtcNow();
        long started = Stopwatch.GetTimestamp();
        int stored = await batch.ExecuteNonQueryAsync(cancellationToken);
        await log.CommandNonQueryExecutedAsync(database, scratch, scratch.CommandText, context, Guid.Empty, Guid.Empty, stored, startedAt, Stopwatch.GetElapsedTime(started), CommandSource.SaveChanges,
            cancellationToken);
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
