using Npgsql;

namespace CloudStore.TestKit;

/// <summary>
/// A fresh, empty database with a random name on <see cref="TestServers.Postgres"/>. Disposing drops it together with whatever is still
/// connected to it. Where there is no server the calling test is skipped.
/// </summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly string _server;

    private PostgresDatabase(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = TestServers.WithDatabase(server, name);
    }

    /// <summary>The database's name: letters, digits and underscores, so it needs no quotes in SQL.</summary>
    public string Name { get; }

    /// <summary>Npgsql connection string to the new database as the superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>Creates the database.</summary>
    /// <param name="cancellationToken">Stops the wait; a database whose creation had already been sent may then remain until the server's end.</param>
    public static async Task<PostgresDatabase> CreateAsync(CancellationToken cancellationToken = default)
    {
        var database = new PostgresDatabase(TestServers.Postgres, $"test_{Guid.CreateVersion7():N}");
        // template0 has no sessions of others, which would make CREATE DATABASE fail.
        await database.OnServerAsync($"CREATE DATABASE {database.Name} TEMPLATE template0", cancellationToken);
        return database;
    }

    /// <summary>Runs one statement in the new database and returns the first column of its first row, or null.</summary>
    public async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Drops the database, ending the sessions that are still in it.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var pooled = new NpgsqlConnection(ConnectionString))
            NpgsqlConnection.ClearPool(pooled);
        await OnServerAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", CancellationToken.None);
    }

    private async Task OnServerAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync(cancellationToken);
        // The text is made of this class's own names only; DDL takes no parameters.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
