using System.Data.Common;
using CloudStore.Storage.Records;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>
/// Connections of the cache's own to the records' database, on SQLite to a file beside it (<see cref="CacheFile"/>): they work for no tenant (each statement names it), wait for
/// nobody who waits for the cache, and give up soon.
/// </summary>
public sealed class CacheDatabase : IAsyncDisposable, IDisposable
{
    private readonly NpgsqlDataSource? _postgres;
    private readonly string? _sqlite;
    private readonly int _seconds;
    private bool _prepared;

    /// <param name="dialect">Of the records' database.</param>
    /// <param name="connectionString">To the same.</param>
    /// <param name="seconds">After which it gives up, for a connection and for a statement.</param>
    public CacheDatabase(StoreDialect dialect, string connectionString, int seconds = 2)
    {
        Dialect = dialect;
        _seconds = seconds;
        if (dialect == StoreDialect.Sqlite)
        {
            _sqlite = CacheFile.Beside(connectionString);
        }
        else
        {
            _postgres = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
            {
                MinPoolSize = 0,
                MaxPoolSize = 16,
                Timeout = seconds,
                CommandTimeout = seconds,
                MaxAutoPrepare = 64,
                AutoPrepareMinUsages = 1,
                NoResetOnClose = true,
                ApplicationName = "cloudstore-cache",
            });
        }
    }

    public StoreDialect Dialect { get; }

    public void Dispose()
    {
        _postgres?.Dispose();
        if (_sqlite is not null)
        {
            using var connection = new SqliteConnection(_sqlite);
            SqliteConnection.ClearPool(connection);
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
        {
            return await _postgres.OpenConnectionAsync(cancellationToken);
        }

        var connection = new SqliteConnection(_sqlite) { DefaultTimeout = _seconds };
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (!_prepared)
            {
                CacheFile.Prepare(connection);
                _prepared = true;
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Rows that a statement gives, each made by <paramref name="map"/>.</summary>
    internal async Task<List<T>> QueryAsync<T>(string sql, object[] parameters, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Bind(command.Parameters, command.CreateParameter, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    /// <returns>How many rows it changed.</returns>
    internal Task<int> ExecuteAsync(string sql, object[] parameters, CancellationToken cancellationToken) => ExecuteAsync(sql, parameters, _seconds, cancellationToken);

    /// <param name="seconds">After which it gives up.</param>
    /// <returns>How many rows it changed.</returns>
    internal async Task<int> ExecuteAsync(string sql, object[] parameters, int seconds, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = seconds;
        Bind(command.Parameters, command.CreateParameter, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Carries statements out in one transaction, on Postgres in one round trip.</summary>
    /// <returns>Of each the first column of its first row; null where it gives none.</returns>
    internal async Task<object?[]> TransactAsync(IReadOnlyList<Statement> statements, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return connection.CanCreateBatch ? await BatchAsync(connection, statements, cancellationToken) : await EachAsync(connection, statements, cancellationToken);
    }

    private static async Task<object?[]> BatchAsync(DbConnection connection, IReadOnlyList<Statement> statements, CancellationToken cancellationToken)
    {
        // Without a transaction of its own a batch is one.
        await using var batch = connection.CreateBatch();
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = statement.Sql;
            Bind(command.Parameters, command.CreateParameter, statement.Parameters);
            batch.BatchCommands.Add(command);
        }

        var results = new object?[statements.Count];
        int given = 0;
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            // Statements that give no rows have no result of their own.
            while (given < statements.Count && !statements[given].Returns)
            {
                given++;
            }

            if (given < statements.Count)
            {
                results[given++] = await reader.ReadAsync(cancellationToken) ? reader.GetValue(0) : null;
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
        return results;
    }

    private static async Task<object?[]> EachAsync(DbConnection connection, IReadOnlyList<Statement> statements, CancellationToken cancellationToken)
    {
        await using var transaction = ((SqliteConnection)connection).BeginTransaction(deferred: false);
        var results = new object?[statements.Count];
        for (int i = 0; i < results.Length; i++)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = statements[i].Sql;
            command.Transaction = transaction;
            Bind(command.Parameters, command.CreateParameter, statements[i].Parameters);
            results[i] = await command.ExecuteScalarAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return results;
    }

    // Both know $1; Postgres takes parameters in order, SQLite by that name.
    internal static void Bind(DbParameterCollection parameters, Func<DbParameter> create, object[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            var parameter = create();
            parameter.Value = values[i];
            if (parameter is SqliteParameter)
            {
                parameter.ParameterName = $"${i + 1}";
            }

            parameters.Add(parameter);
        }
    }
}

/// <summary>One of a transaction's.</summary>
/// <param name="Returns">True where it gives rows.</param>
internal readonly record struct Statement(string Sql, bool Returns, params object[] Parameters);
