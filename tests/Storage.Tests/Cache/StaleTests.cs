using CloudStore.Storage.Cache;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Cache;

public sealed class StaleTests
{
    private static readonly CacheEntryOptions Options = new() { TimeToLive = TimeSpan.FromSeconds(10), ServeStaleFor = TimeSpan.FromSeconds(60), Tags = ["t"] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_past_its_time_is_served_while_the_factory_runs_and_says_so()
    {
        using var host = new CacheHost();
        await host.Cache.SetAsync("k", "old", Options, cancellationToken: Token);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        var go = new TaskCompletionSource<string>();
        var served = await Get(host, go);
        Assert.Equal(("old", true, TimeSpan.Zero), (served.Value, served.Stale, served.Remaining));
        Assert.True((await Get(host, go)).Stale);
        Assert.False((await host.Cache.GetAsync<string>("k", Token)).Found);
        go.SetResult("new");
        await Eventually.Async(async () => (await host.Cache.GetAsync<string>("k", Token)).Value == "new", TimeSpan.FromMinutes(1), "the new value");
        var stats = await host.Cache.StatsAsync(Token);
        Assert.Equal((1, 2), (stats.FactoryRuns, stats.Layers[0].StaleHits));
    }

    [Fact]
    public async Task It_is_not_served_when_that_time_is_over_too_or_after_an_invalidation()
    {
        using var host = new CacheHost();
        await host.Cache.SetAsync("k", "old", Options, cancellationToken: Token);
        host.Time.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal("new", (await Get(host, Done("new"))).Value);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await host.Cache.InvalidateTagAsync("t", Token);
        Assert.Equal("newer", (await Get(host, Done("newer"))).Value);
    }

    [Fact]
    public async Task A_factory_that_fails_leaves_the_stale_value_and_is_left_alone_for_a_second()
    {
        using var host = new CacheHost();
        await host.Cache.SetAsync("k", "old", Options, cancellationToken: Token);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        var broken = new TaskCompletionSource<string>();
        broken.SetException(new InvalidDataException());
        Assert.Equal("old", (await Get(host, broken)).Value);
        await Eventually.Async(() => Volatile.Read(ref host.Space.Entries["k"].RetryAt) > 0, TimeSpan.FromMinutes(1), "the failure");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("old", (await Get(host, broken)).Value);
        }

        Assert.Equal(1, (await host.Cache.StatsAsync(Token)).FactoryRuns);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await Get(host, Done("new"));
        await Eventually.Async(async () => (await host.Cache.GetAsync<string>("k", Token)).Value == "new", TimeSpan.FromMinutes(1), "the new value");
    }

    [Fact]
    public async Task With_a_factory_timeout_the_fresh_value_is_waited_for_that_long()
    {
        using var host = new CacheHost();
        var options = Options with { FactoryTimeout = TimeSpan.FromSeconds(2) };
        await host.Cache.SetAsync("k", "old", options, cancellationToken: Token);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        var go = new TaskCompletionSource<string>();
        int timers = host.Time.PendingTimers;
        var call = Get(host, go, options);
        await Eventually.Async(() => host.Time.PendingTimers > timers, TimeSpan.FromMinutes(1), "the caller to wait");
        host.Time.Advance(TimeSpan.FromSeconds(2));
        var served = await call;
        Assert.Equal(("old", true), (served.Value, served.Stale));
        go.SetResult("new");
        await Eventually.Async(async () => (await host.Cache.GetAsync<string>("k", Token)).Value == "new", TimeSpan.FromMinutes(1), "the new value");
        Assert.False((await Get(host, Done("newer"), options)).Stale);
    }

    [Fact]
    public async Task Without_a_stale_value_a_factory_timeout_is_an_exception_and_the_value_is_kept_when_it_comes()
    {
        using var host = new CacheHost();
        var options = new CacheEntryOptions { FactoryTimeout = TimeSpan.FromSeconds(2) };
        var go = new TaskCompletionSource<string>();
        int timers = host.Time.PendingTimers;
        var call = Get(host, go, options);
        await Eventually.Async(() => host.Time.PendingTimers > timers, TimeSpan.FromMinutes(1), "the caller to wait");
        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("'k'", (await Assert.ThrowsAsync<TimeoutException>(() => call)).Message, StringComparison.Ordinal);
        go.SetResult("late");
        await Eventually.Async(async () => (await host.Cache.GetAsync<string>("k", Token)).Value == "late", TimeSpan.FromMinutes(1), "the new value");
    }

    [Fact]
    public async Task A_stale_value_of_the_shared_layer_is_served_while_the_factory_runs()
    {
        var time = new ManualTime();
        var store = new SharedStore(time);
        using var one = new CacheHost(shared: _ => store.Join(), time: time);
        var process = store.Join();
        using var two = new CacheHost(shared: _ => process, time: time);
        await one.Cache.SetAsync("k", "old", Options, cancellationToken: Token);
        two.Engine.For(CacheEngine.DefaultTenant);
        process.Poll();
        time.Advance(TimeSpan.FromSeconds(10));
        var go = new TaskCompletionSource<string>();
        var served = await Get(two, go);
        Assert.Equal(("old", true, CacheSource.Redis), (served.Value, served.Stale, served.Source));
        Assert.Equal(("old", true), ((await Get(two, go)).Value, true));
        go.SetResult("new");
        await Eventually.Async(async () => (await two.Cache.GetAsync<string>("k", Token)).Value == "new", TimeSpan.FromMinutes(1), "the new value");
    }

    [Fact]
    public async Task Jitter_shortens_the_time_to_live_by_different_shares()
    {
        using var host = new CacheHost();
        var options = new CacheEntryOptions { TimeToLive = TimeSpan.FromSeconds(100), Jitter = 0.5 };
        var ends = new HashSet<TimeSpan>();
        for (int i = 0; i < 50; i++)
        {
            await host.Cache.SetAsync($"{i}", i, options, cancellationToken: Token);
            ends.Add((await host.Cache.GetAsync<int>($"{i}", Token)).Remaining!.Value);
        }

        Assert.All(ends, end => Assert.InRange(end, TimeSpan.FromSeconds(49.9), TimeSpan.FromSeconds(100)));
        Assert.True(ends.Count > 25);
    }

    private static Task<CacheResult<string>> Get(CacheHost host, TaskCompletionSource<string> factory, CacheEntryOptions? options = null) =>
        host.Cache.GetOrCreateResultAsync("k", factory, static async (f, _) => await f.Task, options ?? Options, Token).AsTask();

    private static TaskCompletionSource<string> Done(string value)
    {
        var done = new TaskCompletionSource<string>();
        done.SetResult(value);
        return done;
    }
}
