using Npgsql;
using Xunit;

namespace CloudStore.TestKit;

/// <summary>
/// The real servers a test run was given. Each is named by an environment variable that <c>tests/servers/with</c> sets; where a variable is not
/// set, asking for that server skips the calling test with the reason.
/// </summary>
public static class TestServers
{
    /// <summary>Variable with an Npgsql connection string to the maintenance database, as a superuser.</summary>
    public const string PostgresVariable = "CLOUDSTORE_TEST_POSTGRES";

    /// <summary>Variable with Redis's <c>host:port</c>.</summary>
    public const string RedisVariable = "CLOUDSTORE_TEST_REDIS";

    /// <summary>Variable with an Azure Storage connection string that has a <c>BlobEndpoint</c>.</summary>
    public const string AzuriteVariable = "CLOUDSTORE_TEST_AZURITE";

    /// <summary>Connection string to the maintenance database of a Postgres superuser. Tests take their own database: <see cref="PostgresDatabase"/>.</summary>
    public static string Postgres => Required(PostgresVariable, "PostgreSQL");

    /// <summary>Redis as <c>host:port</c>. All tests share it: prefix keys with something random.</summary>
    public static string Redis => Required(RedisVariable, "Redis");

    /// <summary>Azure Storage connection string of Azurite's blob service. All tests share it: name containers with something random.</summary>
    public static string Azurite => Required(AzuriteVariable, "Azurite");

    /// <summary>True where a Postgres is there, for theories that leave it out instead of skipping.</summary>
    public static bool HasPostgres => Environment.GetEnvironmentVariable(PostgresVariable) is { Length: > 0 };

    /// <summary>A connection string like <paramref name="connectionString"/> that names another database and, where given, another user.</summary>
    public static string WithDatabase(string connectionString, string database, string? user = null)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Database = database };
        if (user is not null)
            builder.Username = user;
        return builder.ConnectionString;
    }

    private static string Required(string variable, string server)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(value))
            Assert.Skip($"needs {server}: {variable} is not set (tests/run starts the servers and says why one could not be had)");
        return value;
    }
}
