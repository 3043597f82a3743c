using System.Diagnostics;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>Redis dies, freezes and comes back in every way; two processes go on with the database and return. Nothing from before is ever read.</summary>
public sealed class RedisOutageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_in_mid_pipeline_no_call_fails_and_nothing_from_before_is_read_afterwards()
    {
        await using var house = await House.StartAsync();
        await house.A.WriteAsync("old", "from before");
        await house.A.Cache.SetAsync("acme", "tagged", house.A.Entry("from before", 600, "t"), SetMode.Always, Token);
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 16).Select(i => LoadAsync(i % 2 == 0 ? house.A : house.B, $"load{i}", stop.Token)));
        await Task.Delay(200, Token);

        house.Redis.Kill();
        await house.UseAsync(Holder.Database);
        Assert.Null(await house.A.ReadAsync("old"));
        Assert.True(await house.A.WriteAsync("old", "meanwhile"));
        Assert.Equal("meanwhile", await house.B.ReadAsync("old"));
        await house.B.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);

        await house.Redis.RestartAsync();
        await house.UseAsync(Holder.Redis);
        Assert.NotEqual("from before", await house.A.ReadAsync("old"));
        Assert.Null(await house.B.ReadAsync("tagged"));
        await stop.CancelAsync();
        await load;
        Assert.Single(house.A.Logs.Lines, l => l.Contains("does without Redis", StringComparison.Ordinal));
        Assert.DoesNotContain(house.A.Logs.Lines, l => l.Contains("loop failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Frozen_it_is_done_without_soon_and_what_it_does_when_it_wakes_is_not_seen()
    {
        double seconds = double.Parse(Environment.GetEnvironmentVariable("CLOUDSTORE_TEST_FREEZE_SECONDS") ?? "2", System.Globalization.CultureInfo.InvariantCulture);
        await using var house = await House.StartAsync(SharedNode.Options(timeout: 60, failures: 5));
        var usual = await LongestAsync("from before");

        house.Redis.Freeze();
        var frozen = Stopwatch.StartNew();
        // Sent to the frozen server, which carries it out when it wakes.
        var longest = await LongestAsync("meanwhile");

        // The first write waits until it is known that Redis is away; with the machine's own pauses that is well under this.
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2) + (10 * usual));
        await house.UseAsync(Holder.Database);
        Assert.Equal("meanwhile 19", await house.B.ReadAsync("k"));
        Assert.True(await house.B.Cache.RemoveAsync("acme", "k", Token));
        await Eventually.Async(() => frozen.Elapsed.TotalSeconds >= seconds, TimeSpan.FromSeconds(seconds + 1), "the freeze to last");

        house.Redis.Thaw();
        await house.UseAsync(Holder.Redis);
        Assert.Null(await house.A.ReadAsync("k"));
        Assert.Null(await house.B.ReadAsync("k"));

        async Task<TimeSpan> LongestAsync(string value)
        {
            var longest = TimeSpan.Zero;
            for (int i = 0; i < 20; i++)
            {
                var call = Stopwatch.StartNew();
                await house.A.WriteAsync("k", $"{value} {i}");
                await house.A.ReadAsync($"other{i}");
                longest = longest > call.Elapsed ? longest : call.Elapsed;
            }

            return longest;
        }
    }

    [Fact]
    public async Task What_was_written_removed_and_invalidated_meanwhile_holds_when_it_is_back()
    {
        await using var house = await House.StartAsync();
        foreach (var key in new[] { "kept", "removed", "p:1", "tagged" })
        {
            await house.A.WriteAsync(key, "from before");
        }

        house.Redis.Kill();
        await house.UseAsync(Holder.Database);
        var kept = house.A.Entry("meanwhile", 600, "t2") with { StaleFor = 1_000 };
        await house.A.Cache.SetAsync("acme", "kept", kept, SetMode.Always, Token);
        await house.A.WriteAsync("removed", "meanwhile");
        await house.A.WriteAsync("p:1", "meanwhile");
        await house.A.Cache.SetAsync("acme", "tagged", house.A.Entry("meanwhile", 600, "t"), SetMode.Always, Token);
        await house.B.Cache.IncrementAsync("acme", "count", 5, house.B.Counter(), Token);
        Assert.True(await house.B.Cache.RemoveAsync("acme", "removed", Token));
        await house.B.Cache.InvalidateAsync(new(InvalidationKind.Prefix, "acme", "p:"), Token);
        await house.B.WriteAsync("p:2", "after");
        await house.B.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);

        await house.Redis.RestartAsync();
        // Written while others copy: 3 writers change the same keys until Redis holds.
        using var stop = new CancellationTokenSource();
        var last = new string[3];
        var load = Task.WhenAll(Enumerable.Range(0, 3).Select(async w =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                await house.A.WriteAsync($"busy{w}", last[w] = $"{i}");
            }
        }));
        await house.UseAsync(Holder.Redis);
        await stop.CancelAsync();
        await load;
        Assert.Equal(last, await Task.WhenAll(Enumerable.Range(0, 3).Select(w => house.B.ReadAsync($"busy{w}"))));

        var read = await house.B.Cache.GetAsync("acme", "kept", Token);
        Assert.Equal("meanwhile", SharedNode.Text(read));
        Assert.Equal((kept.CreatedAt, kept.ExpiresAt, kept.StaleFor, CacheSource.Redis), (read!.CreatedAt, read.ExpiresAt, read.StaleFor, read.Source));
        Assert.Null(await house.A.ReadAsync("removed"));
        Assert.Null(await house.A.ReadAsync("p:1"));
        Assert.Equal("after", await house.A.ReadAsync("p:2"));
        Assert.Equal(6, await house.A.Cache.IncrementAsync("acme", "count", 1, house.A.Counter(), Token));
        // It is there, and is known to be invalid.
        var tagged = await house.A.Cache.GetAsync("acme", "tagged", Token);
        Assert.True((await house.A.Cache.TagPositionsAsync("acme", ["t"], Token))[0] > tagged!.Position);
        Assert.True((await house.A.Cache.TagPositionsAsync("acme", ["t2"], Token))[0] <= read.Position);
        Assert.True(await house.A.WriteAsync("tagged", "new", mode: SetMode.NotExists));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Restarted_within_a_moment_it_begins_another_generation(bool withOldData)
    {
        await using var house = await House.StartAsync();
        await house.A.WriteAsync("k", "from before");
        await house.A.Cache.SetAsync("acme", "tagged", house.A.Entry("from before", 600, "t"), SetMode.Always, Token);
        if (withOldData)
        {
            Assert.Equal("+OK", await house.Redis.CommandAsync("SAVE"));
        }

        await house.A.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        await house.A.Cache.RemoveAsync("acme", "k", Token);
        var generation = house.A.Cache.Health.Generation;
        house.Redis.Kill();
        await house.Redis.RestartAsync();

        await Eventually.Async(() => house.A.Cache.Health.Generation != generation && house.A.Cache.Holder == Holder.Redis && house.B.Cache.Health.Generation == house.A.Cache.Health.Generation,
            TimeSpan.FromMinutes(1), "another generation");
        Assert.Null(await house.A.ReadAsync("k"));
        Assert.Null(await house.B.ReadAsync("tagged"));
        await house.A.WriteAsync("k", "new");
        Assert.Equal("new", await house.B.ReadAsync("k"));
    }

    [Fact]
    public async Task A_process_that_starts_after_Redis_came_back_with_old_data_does_not_believe_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await using (var first = await SharedNode.StartAsync(redis, store))
        {
            await first.WriteAsync("k", "from before");
            await redis.CommandAsync("SAVE");
            await first.Cache.RemoveAsync("acme", "k", Token);
        }

        redis.Kill();
        await redis.RestartAsync();
        await using var second = await SharedNode.StartAsync(redis, store);
        Assert.Null(await second.ReadAsync("k"));
    }

    [Fact]
    public async Task Flushed_by_somebody_it_begins_another_generation()
    {
        await using var house = await House.StartAsync();
        await house.A.WriteAsync("k", "v");
        var generation = house.A.Cache.Health.Generation;
        await house.Redis.CommandAsync("FLUSHALL");
        await Eventually.Async(() => house.A.Cache.Health.Generation != generation && house.A.Cache.Holder == Holder.Redis, TimeSpan.FromMinutes(1), "another generation");
        // Each of the two may begin one, and what was written in the first is then given up with it.
        await Eventually.Async(async () => await house.A.WriteAsync("k", "w") && await house.B.ReadAsync("k") == "w", TimeSpan.FromMinutes(1), "the other to follow");
    }

    [Fact]
    public async Task Out_of_memory_it_is_done_without_and_the_value_before_is_not_read()
    {
        await using var house = await House.StartAsync();
        await house.A.WriteAsync("k", "from before");
        await house.Redis.CommandAsync("CONFIG SET maxmemory 1");
        Assert.True(await house.A.WriteAsync("k", "refused by Redis"));
        await house.UseAsync(Holder.Database);
        Assert.Equal("refused by Redis", await house.B.ReadAsync("k"));
        Assert.Contains(house.A.Logs.Lines.Concat(house.B.Logs.Lines), l => l.Contains("OOM", StringComparison.Ordinal));
        await house.B.WriteAsync("k", "meanwhile");

        await house.Redis.CommandAsync("CONFIG SET maxmemory 0");
        await house.UseAsync(Holder.Redis);
        Assert.NotEqual("from before", await house.A.ReadAsync("k"));
        Assert.NotEqual("refused by Redis", await house.A.ReadAsync("k"));
    }

    [Fact]
    public async Task While_it_reads_its_dump_it_is_done_without()
    {
        await using var house = await House.StartAsync(null, "--enable-debug-command", "yes");
        Assert.Equal("+OK", await house.Redis.CommandAsync("DEBUG POPULATE 6000 filler 10"));
        await house.Redis.CommandAsync("SAVE");
        await house.A.WriteAsync("k", "from before");
        house.Redis.Kill();
        // A debugging setting of Redis: microseconds for each key that it loads.
        house.Redis.Add("--key-load-delay", "1500", "--loading-process-events-interval-bytes", "1024");
        await house.Redis.RestartAsync(waits: false);
        await Eventually.Async(async () => (await house.Redis.TryAsync("GET x"))?.StartsWith("-LOADING", StringComparison.Ordinal) == true, TimeSpan.FromMinutes(1), "Redis to be loading");

        await house.UseAsync(Holder.Database);
        await house.A.WriteAsync("k", "meanwhile");
        Assert.Equal("meanwhile", await house.B.ReadAsync("k"));
        Assert.StartsWith("-LOADING", await house.Redis.TryAsync("GET x"));
        await house.UseAsync(Holder.Redis);
        Assert.NotEqual("from before", await house.A.ReadAsync("k"));
    }

    [Fact]
    public async Task A_process_that_alone_has_lost_Redis_takes_the_others_along()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        using var proxy = new TcpProxy(redis.Port);
        await using var a = await SharedNode.StartAsync(redis, store);
        await using var b = await SharedNode.StartAsync(redis, store, port: proxy.Port);
        await a.WriteAsync("k", "from before");
        proxy.Cut();
        await b.UsesAsync(Holder.Database);
        await b.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        await b.WriteAsync("k", "meanwhile");
        await a.UsesAsync(Holder.Database);
        Assert.Equal("meanwhile", await a.ReadAsync("k"));
        // As long as it says so, all stay.
        await Task.Delay(1_000, Token);
        Assert.Equal(Holder.Database, a.Cache.Holder);

        proxy.Restore();
        await a.UsesAsync(Holder.Redis);
        await b.UsesAsync(Holder.Redis);
        Assert.NotEqual("from before", await a.ReadAsync("k"));
    }

    [Fact]
    public async Task Without_a_database_there_is_nothing_while_it_is_away_and_another_generation_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await SharedNode.StartAsync(redis, null, SharedNode.Options(timeout: 400));
        await using var b = await SharedNode.StartAsync(redis, null, SharedNode.Options(timeout: 400));
        // On a machine that is busy one of them may do without Redis for a moment, and what was written is then given up.
        await Eventually.Async(async () => await a.WriteAsync("k", "v") && await b.ReadAsync("k") == "v", TimeSpan.FromMinutes(1), "both to use Redis");
        redis.Freeze();
        await a.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        Assert.Contains(a.Heard, h => h.What.Name == "t");
        Assert.Null(await a.ReadAsync("k"));
        Assert.False(a.IsCurrent);
        redis.Thaw();
        await a.UsesAsync(Holder.Redis);
        await Eventually.Async(() => a.Cache.Health.Generation == b.Cache.Health.Generation && b.Cache.Holder == Holder.Redis, TimeSpan.FromMinutes(1), "one generation for both");
        Assert.Null(await b.ReadAsync("k"));
    }

    private static async Task LoadAsync(SharedNode node, string key, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            await node.WriteAsync(key, $"{i}");
            await node.ReadAsync(key);
            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>A Redis, a database, two processes.</summary>
    private sealed class House : IAsyncDisposable
    {
        private TestStore _store = null!;

        public RedisServer Redis { get; private set; } = null!;

        public SharedNode A { get; private set; } = null!;

        public SharedNode B { get; private set; } = null!;

        public static async Task<House> StartAsync(CacheOptions? options = null, params string[] settings)
        {
            var house = new House { Redis = await RedisServer.StartAsync(settings), _store = await TestStore.OpenAsync(TestServers.HasPostgres ? Database.Postgres : Database.Sqlite) };
            house.A = await SharedNode.StartAsync(house.Redis, house._store, options);
            house.B = await SharedNode.StartAsync(house.Redis, house._store, options);
            return house;
        }

        public async Task UseAsync(Holder holder)
        {
            await A.UsesAsync(holder);
            await B.UsesAsync(holder);
        }

        public async ValueTask DisposeAsync()
        {
            await A.DisposeAsync();
            await B.DisposeAsync();
            await _store.DisposeAsync();
            await Redis.DisposeAsync();
        }
    }
}
