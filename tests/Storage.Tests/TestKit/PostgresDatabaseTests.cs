using CloudStore.TestKit;
using Npgsql;

namespace CloudStore.Storage.Tests.TestKit;

public sealed class PostgresDatabaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_what_is_written_and_is_gone_afterwards()
    {
        string name;
        await using (var database = await PostgresDatabase.CreateAsync(Token))
        {
            name = database.Name;
            await database.ScalarAsync("CREATE TABLE spend (amount numeric NOT NULL); INSERT INTO spend VALUES (12.50), (7.25)", Token);
            Assert.Equal(19.75m, await database.ScalarAsync("SELECT sum(amount) FROM spend", Token));
            Assert.Equal(1L, await CountAsync(name));
        }
        Assert.Equal(0L, await CountAsync(name));
    }

    [Fact]
    public async Task Is_dropped_even_while_a_session_is_in_it()
    {
        var database = await PostgresDatabase.CreateAsync(Token);
        var unpooled = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString;
        await using var session = new NpgsqlConnection(unpooled);
        await session.OpenAsync(Token);

        await database.DisposeAsync();

        Assert.Equal(0L, await CountAsync(database.Name));
    }

    [Fact]
    public async Task The_server_syncs_to_disk_and_compares_text_by_bytes()
    {
        await using var database = await PostgresDatabase.CreateAsync(Token);
        Assert.Equal("on", await database.ScalarAsync("SHOW fsync", Token));
        Assert.Equal("on", await database.ScalarAsync("SHOW synchronous_commit", Token));
        Assert.Equal("UTF8", await database.ScalarAsync("SHOW server_encoding", Token));
        Assert.True((bool)(await database.ScalarAsync("SELECT 'Z' < 'a' AND 'z' < 'ä'", Token))!);
    }

    private static async Task<object?> CountAsync(string name)
    {
        await using var connection = new NpgsqlConnection(TestServers.Postgres);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_database WHERE datname = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteScalarAsync(Token);
    }
}
