using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Protection;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

/// <summary>The installation's secrets are of no use to whoever has the database alone, and go along when the master key changes.</summary>
public sealed class StoreSecretTests
{
    private static readonly string One = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly string Two = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task No_secret_stands_in_clear_and_all_processes_read_the_same(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var secret = await ReadAsync(store, "test");
        Assert.Equal(32, secret.Length);
        await using var other = await ProtectedStore.OpenAsync(database, sharing: store);
        Assert.Equal(secret, await ReadAsync(other, "test"));
        Assert.Equal(Keys(store), Keys(other));
        Assert.Equal(0L, await CountAsync(store, "length(value) > 0 OR token IS NULL"));
        Assert.All(await TokensAsync(store), t => Assert.All((byte[][])[secret, .. Keys(store)], k => Assert.Equal(-1, t.AsSpan().IndexOf(k))));
    }

    [Theory]
    [EachDatabase]
    public async Task Secrets_of_an_older_version_are_kept_and_encrypted_at_the_next_start(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await MakeClearAsync(store);
        await using var next = await ProtectedStore.OpenAsync(database, sharing: store);
        Assert.Equal(Keys(store), Keys(next));
        Assert.Equal(0L, await CountAsync(store, "length(value) > 0 OR token IS NULL"));
        if (database == Database.Sqlite)
        {
            var file = await File.ReadAllBytesAsync(Path.Combine(store.Folder, "records.db"), Token);
            Assert.All(Keys(store), k => Assert.Equal(-1, file.AsSpan().IndexOf(k)));
        }
    }

    [Theory]
    [EachDatabase]
    public async Task Processes_that_start_together_on_an_older_versions_secrets_agree(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await MakeClearAsync(store);
        var started = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => ProtectedStore.OpenAsync(database, sharing: store), Token)));
        Assert.All(started, s => Assert.Equal(Keys(store), Keys(s)));
        foreach (var process in started)
        {
            await process.DisposeAsync();
        }
    }

    [Theory]
    [EachDatabase]
    public async Task A_secret_that_somebody_puts_there_in_clear_changes_or_exchanges_stops_the_start(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await store.SqlAsync("INSERT INTO store_secrets (name, value) VALUES ('a', @value)", ("@value", new byte[32]));
        Assert.Contains("'a'", (await Assert.ThrowsAsync<ProblemException>(() => ProtectedStore.OpenAsync(database, sharing: store))).Message, StringComparison.Ordinal);
        await store.SqlAsync("DELETE FROM store_secrets WHERE name = 'a'");

        var name = AuditKeyring.EventKeyName;
        var token = (byte[])(await store.SqlAsync($"SELECT token FROM store_secrets WHERE name = '{name}'"))!;
        byte[] other = [.. token];
        other[^1] ^= 1;
        await store.SqlAsync($"UPDATE store_secrets SET token = @token WHERE name = '{name}'", ("@token", other));
        Assert.Contains(name, (await Assert.ThrowsAsync<ProblemException>(() => ProtectedStore.OpenAsync(database, sharing: store))).Message, StringComparison.Ordinal);

        await store.SqlAsync($"UPDATE store_secrets SET token = (SELECT token FROM store_secrets WHERE name = '{StoreSecret.CursorKey}') WHERE name = '{name}'");
        Assert.Contains(name, (await Assert.ThrowsAsync<ProblemException>(() => ProtectedStore.OpenAsync(database, sharing: store))).Message, StringComparison.Ordinal);

        await store.SqlAsync($"UPDATE store_secrets SET token = @token WHERE name = '{name}'", ("@token", token));
        await using var sound = await ProtectedStore.OpenAsync(database, sharing: store);
        Assert.Equal(Keys(store), Keys(sound));
    }

    [Theory]
    [EachDatabase]
    public async Task Rewrapping_takes_them_along_and_their_key_cannot_be_destroyed(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:MasterKey", One));
        await using var both = await ProtectedStore.OpenAsync(database, sharing: store, settings: [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)]);
        var keys = both.Services.GetRequiredService<KeyOperations>();
        Assert.True(await keys.RewrapAsync("tester", Token) >= 1);
        await using var alone = await ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", Two));
        Assert.Equal(Keys(store), Keys(alone));

        var key = Assert.Single(await keys.ListAsync(null, Token), k => k.Purpose == KeyPurpose.Secrets);
        Assert.Equal(ProblemKind.Conflict, (await Assert.ThrowsAsync<ProblemException>(() => keys.DestroyAsync(key.Id, null, "tester", cancellationToken: Token))).Kind);
        await keys.RotateAsync(null, "tester", cancellationToken: Token);
        Assert.Equal(key.Id, Assert.Single(await keys.ListAsync(null, Token), k => k.Purpose == KeyPurpose.Secrets).Id);
    }

    [Theory]
    [EachDatabase]
    public async Task A_rewrap_that_is_broken_off_midway_changes_nothing_and_can_be_repeated(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:MasterKey", One));
        await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        await using var both = await ProtectedStore.OpenAsync(database, sharing: store, settings: [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)]);
        // The last statement of the operation fails: all of it is undone.
        await store.SqlAsync(database == Database.Sqlite
            ? "CREATE TRIGGER stop BEFORE UPDATE ON key_ring BEGIN SELECT RAISE(ABORT, 'stopped'); END"
            : "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stopped'; END $$; CREATE TRIGGER stop BEFORE UPDATE ON key_ring FOR EACH ROW EXECUTE FUNCTION stop()");
        var keys = both.Services.GetRequiredService<KeyOperations>();
        await Assert.ThrowsAnyAsync<Exception>(() => keys.RewrapAsync("tester", Token));
        await using (var old = await ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", One)))
        {
            Assert.Equal(Keys(store), Keys(old));
        }

        await store.SqlAsync(database == Database.Sqlite ? "DROP TRIGGER stop" : "DROP TRIGGER stop ON key_ring");
        Assert.True(await keys.RewrapAsync("tester", Token) >= 2);
        await using var alone = await ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", Two));
        Assert.Equal(Keys(store), Keys(alone));
    }

    private static List<byte[]> Keys(ProtectedStore store)
    {
        var keys = store.Services.GetRequiredService<AuditKeyring>();
        return [keys.EventKey, keys.LogKey];
    }

    private static async Task<byte[]> ReadAsync(ProtectedStore store, string name)
    {
        await using var scope = store.Services.CreateAsyncScope();
        return await StoreSecret.GetOrCreateAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), name, Token);
    }

    // As the version before this one kept them.
    private static async Task MakeClearAsync(ProtectedStore store)
    {
        var cursor = await ReadAsync(store, StoreSecret.CursorKey);
        foreach (var (name, value) in ((string, byte[])[])[(AuditKeyring.EventKeyName, Keys(store)[0]), (AuditKeyring.LogKeyName, Keys(store)[1]), (StoreSecret.CursorKey, cursor)])
        {
            await store.SqlAsync($"UPDATE store_secrets SET value = @value, token = NULL WHERE name = '{name}'", ("@value", value));
        }

        await store.SqlAsync("DELETE FROM store_secrets WHERE token IS NOT NULL");
        await store.SqlAsync("DELETE FROM data_keys WHERE purpose = 'Secrets'");
    }

    private static async Task<long> CountAsync(ProtectedStore store, string where) => Convert.ToInt64(await store.SqlAsync($"SELECT count(*) FROM store_secrets WHERE {where}"), null);

    private static async Task<List<byte[]>> TokensAsync(ProtectedStore store)
    {
        var tokens = new List<byte[]>();
        foreach (var name in (string[])["test", AuditKeyring.EventKeyName, AuditKeyring.LogKeyName, StoreSecret.CursorKey])
        {
            tokens.Add((byte[])(await store.SqlAsync($"SELECT token FROM store_secrets WHERE name = '{name}'"))!);
        }

        return tokens;
    }
}
