using Npgsql;

namespace CloudStore.Benchmarks;

/// <summary>A database of our own on the Postgres that CLOUDSTORE_TEST_POSTGRES names; dropped when disposed.</summary>
internal sealed class Database : IAsyncDisposable
{
    private const string Variable = "CLOUDSTORE_TEST_POSTGRES";
    private readonly string _server;

    private Database(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    public static bool IsThere => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    public string Name { get; }

    public string ConnectionString { get; }

    /// <summary>The variables by which psql and pgbench find it.</summary>
    public IReadOnlyDictionary<string, string> Environmental
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(ConnectionString);
            return new Dictionary<string, string>
            {
                ["PGHOST"] = parts.Host ?? "127.0.0.1",
                ["PGPORT"] = $"{parts.Port}",
                ["PGUSER"] = parts.Username ?? "postgres",
                ["PGPASSWORD"] = parts.Password ?? "",
                ["PGDATABASE"] = Name,
            };
        }
    }

    public static async Task<Database> CreateAsync()
    {
        var database = new Database(Environment.GetEnvironmentVariable(Variable)!, $"benchmark_{Environment.ProcessId}_{Guid.NewGuid():N}");
        await ExecuteAsync(database._server, $"CREATE DATABASE {database.Name} TEMPLATE template0");
        return database;
    }

    public Task<object?> ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async Task<IReadOnlyList<string>> ColumnAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
        {
            values.Add($"{reader.GetValue(0)}");
        }

        return values;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync(_server, $"DROP DATABASE {Name} WITH (FORCE)");
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync();
    }
}
