using System.Data.Common;
using CloudStore.Storage.Records;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// Connections of the key ring's own to the records' database. They are never those of a request, which may hold all of its pool's while it waits for a key, and never
/// work for a tenant.
/// </summary>
public sealed class KeyDatabase(StoreDialect dialect, string connectionString)
{
    private readonly string _connectionString = dialect == StoreDialect.Sqlite
        ? connectionString
        : new NpgsqlConnectionStringBuilder(connectionString) { MinPoolSize = 0, MaxPoolSize = 2, ApplicationName = "cloudstore-keys" }.ConnectionString;

    public StoreDialect Dialect => dialect;

    internal string ConnectionString => _connectionString;

    internal DbConnection Open()
    {
        DbConnection connection = dialect == StoreDialect.Sqlite ? new SqliteConnection(_connectionString) : new NpgsqlConnection(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
