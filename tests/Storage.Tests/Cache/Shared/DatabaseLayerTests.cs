using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>What the database does as a layer: its limits, its cleaning, and what happens when it is away too.</summary>
public sealed class DatabaseLayerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_tenant_keeps_no_more_entries_than_its_limit_and_those_that_end_first_go(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var options = SharedNode.Options();
        options.DatabaseEntriesPerTenant = 20;
        await using var node = await SharedNode.StartAsync(null, store, options);
        for (int i = 0; i < 50; i++)
        {
            await node.Cache.SetAsync("acme", $"k{i}", node.Entry("v", 100 + i), SetMode.Always, Token);
        }

        await node.WriteAsync("other's", "v", "other");
        await Eventually.Async(async () => await CountAsync(store) == 21, TimeSpan.FromMinutes(1), "the limit to be kept");
        Assert.Null(await node.ReadAsync("k29"));
        Assert.Equal("v", await node.ReadAsync("k30"));
        Assert.Equal(30, node.Cache.Health.Layers.Single().Evictions);
    }

    [Theory, EachDatabase]
    public async Task A_tenants_values_take_no_more_bytes_than_its_limit_and_those_that_end_first_go(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var options = SharedNode.Options();
        options.DatabaseBytesPerTenant = 1_000;
        await using var node = await SharedNode.StartAsync(null, store, options);
        for (int i = 0; i < 10; i++)
        {
            await node.Cache.SetAsync("acme", $"k{i}", node.Entry(new string('v', 300), 100 + i), SetMode.Always, Token);
        }

        await Eventually.Async(async () => await CountAsync(store) == 3, TimeSpan.FromSeconds(60), "the limit to be kept");
        Assert.Null(await node.ReadAsync("k6"));
        Assert.NotNull(await node.ReadAsync("k7"));
    }

    [Fact]
    public async Task What_could_be_noted_nowhere_is_paid_by_another_generation_also_when_the_first_tries_fail()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await using var file = new CacheDatabase(StoreDialect.Sqlite, store.Services.GetRequiredService<KeyDatabase>().ConnectionString, seconds: 1);
        await using var node = await SharedNode.StartAsync(null, store, database: file);
        await using var other = await SharedNode.StartAsync(null, store);
        await node.WriteAsync("k", "v");
        Assert.Equal("v", await other.ReadAsync("k"));

        await using (var writer = await file.OpenAsync(Token))
        {
            await using var transaction = ((SqliteConnection)writer).BeginTransaction(deferred: false);
            await node.Cache.InvalidateAsync(new(InvalidationKind.Prefix, "acme", "k"), Token);
            // The invalidation has failed, and then the change of the row.
            long failures = node.Cache.Health.Layers.Single().Failures;
            await Eventually.Async(() => node.Cache.Health.Layers.Single().Failures > failures + 1, TimeSpan.FromSeconds(60), "another generation to fail");
        }

        await Eventually.Async(async () => await other.ReadAsync("k") is null, TimeSpan.FromSeconds(60), "what was invalidated to be gone");
    }

    [Theory, EachDatabase]
    public async Task The_keeper_removes_what_is_over(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await using var node = await SharedNode.StartAsync(null, store);
        await node.WriteAsync("long", "v");
        await node.Cache.SetAsync("acme", "short", node.Entry("v", 0.2), SetMode.Always, Token);
        await using var rows = Rows(store);
        await Eventually.Async(async () => await new DatabaseCleanup(rows, TimeProvider.System).RemoveOverAsync(Token) == 1, TimeSpan.FromMinutes(1), "the end of an entry");
        Assert.Equal(1, await CountAsync(store));

        await rows.ExecuteAsync("UPDATE cache_state SET generation = generation + 1", [], Token);
        Assert.Equal(1, await new DatabaseCleanup(rows, TimeProvider.System).RemoveOverAsync(Token));
        Assert.Equal(0, await CountAsync(store));
    }

    [Fact]
    public async Task The_keeper_waits_longer_for_the_database_than_those_who_use_the_cache()
    {
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        await using var rows = new CacheDatabase(StoreDialect.Postgres, store.Postgres.ConnectionString, seconds: 1);
        await using var blocker = new NpgsqlConnection(store.Postgres.ConnectionString);
        await blocker.OpenAsync(Token);
        await using var held = await blocker.BeginTransactionAsync(Token);
        await using (var block = new NpgsqlCommand("LOCK TABLE cache_entries IN ACCESS EXCLUSIVE MODE", blocker, held))
        {
            await block.ExecuteNonQueryAsync(Token);
        }

        var cleaning = new DatabaseCleanup(rows, TimeProvider.System).RemoveOverAsync(Token);
        await Task.Delay(TimeSpan.FromSeconds(3), Token);
        await held.RollbackAsync(Token);
        Assert.Equal(0, await cleaning);
    }

    [Theory, EachDatabase]
    public async Task Lines_of_many_writers_are_heard_once_each_and_in_order(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await using var a = await SharedNode.StartAsync(null, store);
        await using var b = await SharedNode.StartAsync(null, store);
        await using var listener = await SharedNode.StartAsync(null, store);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => (i % 2 == 0 ? a : b).Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", $"t{i}"), Token).AsTask()));
        await Eventually.Async(() => listener.Heard.Count >= 300 && a.Heard.Count >= 300, TimeSpan.FromMinutes(1), "all lines");
        var positions = listener.Heard.Select(h => h.Position).ToList();
        Assert.Equal(Enumerable.Range(0, 300).Select(i => positions[0] + i), positions);
        Assert.Equal(300, listener.Heard.Select(h => h.What).Distinct().Count());
        Assert.Equal(listener.Heard, a.Heard);
    }

    [Theory, EachDatabase]
    public async Task A_thousand_prefixes_and_more_become_the_tenant(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await using var node = await SharedNode.StartAsync(null, store);
        await Task.WhenAll(Enumerable.Range(0, Floors.MostPrefixes).Select(i => node.Cache.InvalidateAsync(new(InvalidationKind.Prefix, "acme", $"p{i}:"), Token).AsTask()));
        await node.WriteAsync("k", "v");
        await node.Cache.InvalidateAsync(new(InvalidationKind.Prefix, "acme", "q:"), Token);
        Assert.Equal(InvalidationKind.Tenant, node.Heard.Last().What.Kind);
        Assert.Null(await node.ReadAsync("k"));
    }

    [Fact]
    public async Task The_wall_clock_of_a_process_that_is_moved_changes_nothing_where_a_server_gives_the_time()
    {
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        await using var ahead = await SharedNode.StartAsync(null, store, time: new ManualTime(DateTimeOffset.UnixEpoch.AddYears(90)));
        await using var right = await SharedNode.StartAsync(null, store);
        await ahead.WriteAsync("k", "v");
        Assert.Equal("v", await right.ReadAsync("k"));
        Assert.InRange(ahead.Cache.Now - right.Cache.Now, -500, 500);
    }

    [Fact]
    public async Task A_clock_that_is_set_begins_another_generation()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        var time = new ManualTime(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var node = await SharedNode.StartAsync(null, store, time: time);
        await node.WriteAsync("k", "v");
        int forgotten = node.Forgotten;
        time.Advance(TimeSpan.FromHours(1));
        await Eventually.Async(() => node.Forgotten > forgotten && node.IsCurrent, TimeSpan.FromMinutes(1), "everything to be forgotten");
        Assert.Null(await node.ReadAsync("k"));
    }

    [Fact]
    public async Task With_Redis_and_the_database_away_no_call_fails_and_nothing_from_before_is_read_afterwards()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        var server = new NpgsqlConnectionStringBuilder(store.Postgres.ConnectionString);
        using var proxy = new TcpProxy(server.Port);
        server.Port = proxy.Port;
        await using var rows = new CacheDatabase(StoreDialect.Postgres, server.ConnectionString);
        await using var node = await SharedNode.StartAsync(redis, store, database: rows);
        await node.WriteAsync("k", "from before");

        proxy.Cut();
        await node.WriteAsync("k2", "Redis alone");
        Assert.Equal("Redis alone", await node.ReadAsync("k2"));
        redis.Kill();
        Assert.True(await node.WriteAsync("k", "nowhere"));
        Assert.Null(await node.ReadAsync("k"));
        Assert.False(await node.Cache.RemoveAsync("acme", "k", Token));
        Assert.Equal(3, await node.Cache.IncrementAsync("acme", "n", 3, node.Counter(), Token));
        await node.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        Assert.NotNull(await node.Cache.LeaseAsync("acme", "k", TimeSpan.FromSeconds(1), Token));
        Assert.Null(Assert.Single(await node.Cache.GetManyAsync("acme", ["k"], Token)));
        Assert.False(node.IsCurrent);

        proxy.Restore();
        await node.UsesAsync(Holder.Database);
        Assert.Null(await node.ReadAsync("k"));
        await redis.RestartAsync();
        await node.UsesAsync(Holder.Redis);
        Assert.Null(await node.ReadAsync("k"));
        await node.WriteAsync("k", "new");
        Assert.Equal("new", await node.ReadAsync("k"));
    }

    [Fact]
    public async Task A_process_without_Redis_takes_the_others_to_the_database_while_it_uses_the_cache()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await using var with = await SharedNode.StartAsync(redis, store);
        await with.Cache.SetAsync("acme", "k", with.Entry("v", 600, "t"), SetMode.Always, Token);
        await using var without = SharedNode.Begin(null, store);
        Assert.Equal(Holder.Redis, with.Cache.Holder);

        await without.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        await with.UsesAsync(Holder.Database);
        Assert.Null(await with.ReadAsync("k"));
        await with.UsesAsync(Holder.Redis);
        await Eventually.Async(() => without.Cache.Holder == Holder.None, TimeSpan.FromMinutes(1), "the other to rest");
        Assert.Null(await without.ReadAsync("k"));
    }

    [Fact]
    public async Task On_SQLite_an_invalidation_does_not_wait_for_who_writes_records()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await using var node = await SharedNode.StartAsync(null, store);
        await node.WriteAsync("k", "v");
        long position = node.Cache.Position;
        await using var import = new SqliteConnection(store.Services.GetRequiredService<KeyDatabase>().ConnectionString);
        await import.OpenAsync(Token);
        await using var transaction = import.BeginTransaction(deferred: false);
        await node.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        await node.WriteAsync("k", "w");
        Assert.Equal("w", await node.ReadAsync("k"));
        // Of the same generation: both were noted.
        Assert.Equal(position + 2, node.Cache.Position);
    }

    [Fact]
    public async Task SQLites_file_has_the_columns_that_Postgres_has()
    {
        await using var postgres = await TestStore.OpenAsync(Database.Postgres);
        await using var sqlite = await TestStore.OpenAsync(Database.Sqlite);
        await using var rows = Rows(sqlite);
        var there = await rows.QueryAsync(
            "SELECT t.name, c.name, c.\"notnull\", c.pk FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'", [], r => (r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetInt32(3)), Token);
        using var scope = postgres.Services.CreateScope();
        var expected = scope.ServiceProvider.GetRequiredService<StoreContext>().Model.GetEntityTypes().Where(t => t.GetTableName()!.StartsWith("cache_", StringComparison.Ordinal))
            .SelectMany(t => t.GetProperties().Select(p => (t.GetTableName()!, p.GetColumnName(), !p.IsNullable, t.FindPrimaryKey()!.Properties.ToList().IndexOf(p) + 1)));
        Assert.Equal(expected.Order(), there.Order());
    }

    [Fact]
    public async Task A_file_of_another_version_begins_anew()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await using (var node = await SharedNode.StartAsync(null, store))
        {
            await node.WriteAsync("k", "v");
        }

        await using (var rows = Rows(store))
        {
            await rows.ExecuteAsync("PRAGMA user_version=99", [], Token);
        }

        await using var after = await SharedNode.StartAsync(null, store);
        Assert.Null(await after.ReadAsync("k"));
        await after.WriteAsync("k", "w");
        Assert.Equal("w", await after.ReadAsync("k"));
    }

    private static CacheDatabase Rows(TestStore store) =>
        new(store.Services.GetRequiredService<KeyDatabase>().Dialect, store.Services.GetRequiredService<KeyDatabase>().ConnectionString);

    private static async Task<int> CountAsync(TestStore store)
    {
        await using var rows = Rows(store);
        return (await rows.QueryAsync("SELECT count(*) FROM cache_entries", [], r => r.GetInt32(0), Token))[0];
    }
}
