using CloudStore.Storage.Cache;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>Invalidations that come while a value is being computed or read, in the order that the tests give.</summary>
public sealed class RaceTests
{
    private static readonly CacheEntryOptions Tagged = new() { Tags = ["t"] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Invalidations => ["tag", "prefix", "tenant", "remove", "set"];

    [Theory]
    [MemberData(nameof(Invalidations))]
    public async Task A_value_computed_while_it_was_invalidated_is_not_kept(string what)
    {
        using var host = new CacheHost();
        await ComputedAsync(host, host.Cache, what);
    }

    [Theory]
    [MemberData(nameof(Invalidations))]
    public async Task Nor_with_a_shared_layer(string what)
    {
        using var host = new CacheHost(shared: time => new SharedStore(time).Join());
        await ComputedAsync(host, host.Cache, what);
    }

    private static async Task ComputedAsync(CacheHost host, IStoreCache cache, string what)
    {
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var before = cache.GetOrCreateAsync("key", 0, async (_, _) =>
        {
            started.SetResult();
            await go.Task;
            return "old";
        }, Tagged, Token).AsTask();
        await started.Task;
        await InvalidateAsync(cache, what);

        // Who comes after the invalidation does not wait for what began before it.
        string after = await cache.GetOrCreateAsync("key", 0, static (_, _) => new ValueTask<string>("new"), Tagged, Token);
        string expected = what == "set" ? "set" : "new";
        Assert.Equal(expected, after);
        go.SetResult();
        Assert.Equal("old", await before);
        Assert.Equal(expected, (await cache.GetAsync<string>("key", Token)).Value);
        host.Space.Forget();
        Assert.Contains((await cache.GetAsync<string>("key", Token)).Value, (string?[])[expected, null]);
    }

    [Theory]
    [MemberData(nameof(Invalidations))]
    public async Task A_value_read_from_the_shared_layer_while_another_process_invalidated_it_is_not_kept(string what)
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var (mine, others) = (store.Join(), store.Join());
        using var host = new CacheHost(shared: _ => mine, time: time);
        using var other = new CacheHost(shared: _ => others, time: time);
        await other.Cache.SetAsync("key", "old", Tagged, cancellationToken: Token);

        mine.AfterGet = async () =>
        {
            mine.AfterGet = null;
            await InvalidateAsync(other.Cache, what);
            mine.Poll();
        };
        await host.Cache.GetAsync<string>("key", Token);
        Assert.Equal(what == "set" ? "set" : null, (await host.Cache.GetAsync<string>("key", Token)).Value);
    }

    [Theory]
    [MemberData(nameof(Invalidations))]
    public async Task What_another_process_invalidated_is_gone_from_memory_once_that_is_heard(string what)
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var mine = store.Join();
        using var host = new CacheHost(shared: _ => mine, time: time);
        using var other = new CacheHost(shared: _ => store.Join(), time: time);
        await host.Cache.SetAsync("key", "old", Tagged, cancellationToken: Token);
        await InvalidateAsync(other.Cache, what);
        Assert.Equal("old", (await host.Cache.GetAsync<string>("key", Token)).Value);
        mine.Poll();
        Assert.Equal(what == "set" ? "set" : null, (await host.Cache.GetAsync<string>("key", Token)).Value);
    }

    [Fact]
    public async Task Memory_is_not_served_while_the_process_may_have_missed_something()
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var mine = store.Join();
        using var host = new CacheHost(shared: _ => mine, time: time);
        using var other = new CacheHost(shared: _ => store.Join(), time: time);
        await host.Cache.SetAsync("key", "old", Tagged, cancellationToken: Token);
        mine.Current = false;
        await other.Cache.InvalidateTagAsync("t", Token);
        Assert.False((await host.Cache.GetAsync<string>("key", Token)).Found);
        Assert.Equal("new", await host.Cache.GetOrCreateAsync("key", 0, static (_, _) => new ValueTask<string>("new"), Tagged, Token));
    }

    [Fact]
    public async Task A_slow_factory_does_not_put_back_what_another_process_removed()
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        using var host = new CacheHost(shared: _ => store.Join(), time: time);
        using var other = new CacheHost(shared: _ => store.Join(), time: time);
        string value = await host.Cache.GetOrCreateAsync("key", other.Cache, static async (cache, token) =>
        {
            await cache.RemoveAsync("key", token);
            return "old";
        }, cancellationToken: Token);
        Assert.Equal("old", value);
        Assert.Null(store.Peek("key"));
        Assert.False((await host.Cache.GetAsync<string>("key", Token)).Found);
    }

    [Fact]
    public async Task Of_two_sets_that_overlap_memory_keeps_none_and_the_shared_layer_decides()
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var mine = store.Join();
        using var host = new CacheHost(shared: _ => mine, time: time);
        mine.AfterSet = async () =>
        {
            mine.AfterSet = null;
            await host.Cache.SetAsync("key", "second", cancellationToken: Token);
        };
        await host.Cache.SetAsync("key", "first", cancellationToken: Token);
        Assert.Empty(host.Space.Entries);
        Assert.Equal("second", (await host.Cache.GetAsync<string>("key", Token)).Value);
    }

    [Fact]
    public async Task A_set_is_kept_in_memory_and_a_read_while_it_is_under_way_is_not()
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var mine = store.Join();
        using var host = new CacheHost(shared: _ => mine, time: time);
        await host.Cache.SetAsync("key", "first", cancellationToken: Token);
        mine.AfterSet = async () =>
        {
            Assert.Equal("second", (await host.Cache.GetAsync<string>("key", Token)).Value);
            Assert.Empty(host.Space.Entries);
        };
        await host.Cache.SetAsync("key", "second", cancellationToken: Token);
        Assert.Equal("second", Assert.Single(host.Space.Entries).Value.Value);
    }

    [Fact]
    public async Task A_computed_value_that_is_on_its_way_to_the_shared_layer_does_not_overtake_a_set()
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var mine = store.Join();
        using var host = new CacheHost(shared: _ => mine, time: time);
        var underway = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        mine.BeforeSet = async entry =>
        {
            if (entry.Computed)
            {
                underway.SetResult();
                await go.Task;
            }
        };
        var computed = host.Cache.GetOrCreateAsync("key", 0, static (_, _) => new ValueTask<string>("old"), cancellationToken: Token).AsTask();
        await underway.Task;
        var set = host.Cache.SetAsync("key", "set", cancellationToken: Token).AsTask();
        go.SetResult();
        Assert.True(await set);
        Assert.Equal("old", await computed);
        host.Space.Forget();
        Assert.Equal("set", (await host.Cache.GetAsync<string>("key", Token)).Value);
    }

    [Fact]
    public async Task What_is_forgotten_while_it_is_read_is_not_kept()
    {
        var time = new CloudStore.TestKit.ManualTime();
        var store = new SharedStore(time);
        var mine = store.Join();
        using var host = new CacheHost(shared: _ => mine, time: time);
        using var other = new CacheHost(shared: _ => store.Join(), time: time);
        await other.Cache.SetAsync("key", "v", Tagged, cancellationToken: Token);
        mine.AfterGet = () =>
        {
            mine.Forget();
            return Task.CompletedTask;
        };
        await host.Cache.GetAsync<string>("key", Token);
        Assert.Empty(host.Space.Entries);
    }

    private static async Task InvalidateAsync(IStoreCache cache, string what)
    {
        switch (what)
        {
            case "tag":
                await cache.InvalidateTagAsync("t", Token);
                break;
            case "prefix":
                await cache.InvalidatePrefixAsync("ke", Token);
                break;
            case "tenant":
                await cache.ClearAsync(Token);
                break;
            case "remove":
                await cache.RemoveAsync("key", Token);
                break;
            default:
                await cache.SetAsync("key", "set", Tagged, cancellationToken: Token);
                break;
        }
    }
}
