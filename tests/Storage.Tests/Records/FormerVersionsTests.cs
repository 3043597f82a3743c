using System.Data.Common;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Protection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Storage.Tests.Records;

/// <summary>What was destroyed leaves the database's files although somebody was still reading when it was to go.</summary>
public sealed class FormerVersionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_destroyed_key_that_a_reader_still_sees_leaves_the_files_once_the_reader_has_ended()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        var key = store.Ring.Current("acme").Id;
        var wrapped = (byte[])(await store.SqlAsync("SELECT wrapped FROM data_keys WHERE id = @id", ("@id", key)))!;
        await using (await ReadAsync(store))
        {
            await store.Services.GetRequiredService<KeyOperations>().DestroyAsync(key, "acme", "tester", withData: true, Token);
            Assert.True(await IsInFilesAsync(store, "records.db-wal", wrapped), "nothing was left to be removed later");
        }

        await using (var scope = store.Services.CreateAsyncScope())
        {
            await FormerVersions.RemoveLeftAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), Token);
        }

        Assert.False(await IsInFilesAsync(store, "records.db*", wrapped));
    }

    [Theory]
    [EachDatabase]
    public async Task Whoever_removes_them_waits_until_nobody_sees_them_any_more_and_otherwise_hears_that_they_are_there(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await using var scope = store.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        Task<bool> removing;
        await using (await ReadAsync(store))
        {
            store.Ring.Current("acme");
            Assert.False(await FormerVersions.RemoveAsync(context, "data_keys", TimeSpan.Zero, Token));
            removing = FormerVersions.RemoveAsync(context, "data_keys", TimeSpan.FromMinutes(2), Token);
        }

        Assert.True(await removing);
    }

    // A transaction that has read, and goes on.
    private static async Task<IAsyncDisposable> ReadAsync(ProtectedStore store)
    {
        DbConnection connection = store.ConnectionString is { } postgres
            ? new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false }.ConnectionString)
            : new SqliteConnection($"Data Source={Path.Combine(store.Folder, "records.db")};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = store.ConnectionString is null ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ";
        await command.ExecuteNonQueryAsync(Token);
        command.CommandText = "SELECT count(*) FROM data_keys";
        await command.ExecuteScalarAsync(Token);
        return connection;
    }

    // Whoever closes the file itself lets go of the locks that this process has on it: only at the end.
    private static async Task<bool> IsInFilesAsync(ProtectedStore store, string files, byte[] bytes)
    {
        foreach (var file in Directory.GetFiles(store.Folder, files).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[stream.Length];
            await stream.ReadExactlyAsync(content, Token);
            if (content.AsSpan().IndexOf(bytes) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
