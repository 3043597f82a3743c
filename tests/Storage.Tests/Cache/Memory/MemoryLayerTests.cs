using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Tests.Cache.Memory;

public sealed class MemoryLayerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_holds_as_many_entries_as_it_may_and_what_was_read_last_stays()
    {
        using var host = new CacheHost(o => o.MemoryEntriesPerTenant = 10);
        for (int i = 0; i < 20; i++)
        {
            host.Time.Advance(TimeSpan.FromMilliseconds(2));
            await host.Cache.SetAsync($"{i}", i, cancellationToken: Token);
            Assert.True(i == 0 || (await host.Cache.GetAsync<int>("0", Token)).Found);
        }

        var stats = (await host.Cache.StatsAsync(Token)).Layers[0];
        Assert.Equal((10L, 10L), (stats.Entries, stats.Evictions));
        Assert.Equal(["0", "11", "12", "13", "14", "15", "16", "17", "18", "19"], host.Space.Entries.Keys.Order());
    }

    [Fact]
    public async Task Bytes_are_bounded_for_a_tenant_and_for_all()
    {
        using var host = new CacheHost(o => (o.MemoryBytes, o.MemoryBytesPerTenant) = (10_000, 4_000));
        foreach (string tenant in (string[])["a", "b", "c", "d"])
        {
            host.Time.Advance(TimeSpan.FromMilliseconds(2));
            var cache = (IStoreCache)host.Engine.For(tenant);
            for (int i = 0; i < 10; i++)
            {
                await cache.SetAsync($"{i}", i, new() { Size = 1_000 }, cancellationToken: Token);
            }
        }

        Assert.Equal(10_000, host.Engine.Parts.Memory.Bytes);
        Assert.Equal([0, 2_000, 4_000, 4_000], ((string[])["a", "b", "c", "d"]).Select(t => host.Engine.Parts.Memory.For(t).Order.Bytes));
    }

    [Fact]
    public async Task An_entry_counts_its_key_its_encoded_value_and_what_keeping_it_takes()
    {
        using var host = new CacheHost();
        await host.Cache.SetAsync("key", "€uro", cancellationToken: Token);
        Assert.Equal(EntryBuilder.Overhead + 6 + 6, host.Space.Order.Bytes);
        await host.Cache.RemoveAsync("key", Token);
        Assert.Equal(0, host.Space.Order.Bytes);
    }

    [Fact]
    public async Task What_is_larger_than_the_limit_is_not_kept_and_pushes_nothing_out()
    {
        using var host = new CacheHost(o => (o.MemoryBytes, o.MemoryBytesPerTenant) = (10_000, 4_000));
        await host.Cache.SetAsync("small", 1, cancellationToken: Token);
        await host.Cache.SetAsync("small and then large", 1, cancellationToken: Token);
        await host.Cache.SetAsync("large", new byte[5_000], cancellationToken: Token);
        await host.Cache.SetAsync("small and then large", new byte[5_000], cancellationToken: Token);
        Assert.Equal(["small"], host.Space.Entries.Keys);
        Assert.Equal([1, 2], await host.Cache.GetOrCreateAsync("large", 0, static (_, _) => new ValueTask<byte[]>([1, 2]), new() { Size = 9_000 }, Token));
    }

    [Fact]
    public async Task When_nothing_may_be_removed_what_comes_last_has_no_room()
    {
        using var host = new CacheHost(o => o.MemoryEntriesPerTenant = 2);
        var never = new CacheEntryOptions { Priority = CachePriority.NeverRemove, TimeToLive = TimeSpan.FromSeconds(10) };
        foreach (string key in (string[])["a", "b", "c"])
        {
            await host.Cache.SetAsync(key, 1, never, cancellationToken: Token);
        }

        await host.Cache.SetAsync("d", 1, cancellationToken: Token);
        Assert.Equal(["a", "b"], host.Space.Entries.Keys.Order());
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await host.Cache.SetAsync("d", 1, cancellationToken: Token);
        Assert.Contains("d", host.Space.Entries.Keys);
    }

    [Fact]
    public async Task A_sweep_drops_what_is_over_and_tags_that_nothing_carries()
    {
        using var host = new CacheHost();
        await host.Cache.SetAsync("over", 1, new() { TimeToLive = TimeSpan.FromSeconds(20) }, cancellationToken: Token);
        await host.Cache.SetAsync("tagged", 1, new() { Tags = ["t"] }, cancellationToken: Token);
        await host.Cache.SetAsync("stays", 1, new() { Tags = ["s"] }, cancellationToken: Token);
        await host.Cache.InvalidateTagAsync("t", Token);
        Assert.Equal(3, host.Space.Entries.Count);
        host.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["stays"], host.Space.Entries.Keys);
        await host.Cache.SetAsync("tagged", 2, new() { Tags = ["t"] }, cancellationToken: Token);
        Assert.Equal(2, (await host.Cache.GetAsync<int>("tagged", Token)).Value);
        await host.Cache.InvalidateTagAsync("t", Token);
        await host.Cache.InvalidateTagAsync("s", Token);
        Assert.Empty(await host.Cache.GetManyAsync<int>(["stays", "tagged"], Token));
    }

    [Fact]
    public async Task Without_bytes_there_is_no_memory_layer()
    {
        using var host = new CacheHost(o => o.MemoryBytes = 0, t => new SharedStore(t).Join());
        await host.Cache.SetAsync("k", 1, cancellationToken: Token);
        Assert.Equal(CacheSource.Redis, (await host.Cache.GetAsync<int>("k", Token)).Source);
        Assert.Empty(host.Space.Entries);
    }

    [Fact]
    public async Task What_slides_in_the_shared_layer_hears_of_reads_that_memory_serves()
    {
        var store = default(SharedStore);
        using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join());
        await host.Cache.SetAsync("k", 1, new() { Sliding = TimeSpan.FromSeconds(8) }, cancellationToken: Token);
        for (int i = 0; i < 12; i++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(0.4));
            Assert.Equal(CacheSource.Memory, (await host.Cache.GetAsync<int>("k", Token)).Source);
        }

        Assert.Equal(4, store!.Reads);
    }

    [Fact]
    public async Task Another_generation_forgets_everything()
    {
        var process = default(SharedStore.Process);
        using var host = new CacheHost(shared: t => process = new SharedStore(t).Join());
        await host.Cache.SetAsync("k", 1, new() { Tags = ["t"] }, cancellationToken: Token);
        await host.Cache.InvalidatePrefixAsync("x", Token);
        process!.Forget();
        Assert.Empty(host.Space.Entries);
        Assert.Equal(0, host.Space.Order.Bytes);
        await host.Cache.SetAsync("k", 2, new() { Tags = ["t"] }, cancellationToken: Token);
        Assert.Equal(CacheSource.Memory, (await host.Cache.GetAsync<int>("k", Token)).Source);
    }

    [Fact]
    public async Task An_entry_may_be_kept_in_one_layer_only()
    {
        var store = default(SharedStore);
        using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join());
        await host.Cache.SetAsync("m", 1, new() { Layers = CacheLayers.Memory }, cancellationToken: Token);
        await host.Cache.SetAsync("s", 1, new() { Layers = CacheLayers.Shared }, cancellationToken: Token);
        Assert.Equal(["m"], host.Space.Entries.Keys);
        Assert.Null(store!.Peek("m"));
        Assert.NotNull(store.Peek("s"));
        Assert.False(await host.Cache.SetAsync("m", 2, new() { Layers = CacheLayers.Memory }, SetMode.NotExists, Token));
        Assert.True(await host.Cache.ExpireAsync("m", TimeSpan.FromSeconds(1), Token));
        Assert.True(await host.Cache.RemoveAsync("m", Token));
        Assert.Equal(2, await host.Cache.IncrementAsync("m", 2, new() { Layers = CacheLayers.Memory }, Token));
        Assert.Null(store.Peek("m"));
    }
}
