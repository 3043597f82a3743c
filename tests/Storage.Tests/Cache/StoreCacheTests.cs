using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;

namespace CloudStore.Storage.Tests.Cache;

public sealed class StoreCacheTests : IDisposable
{
    private readonly CacheHost _host = new();

    private IStoreCache Cache => _host.Cache;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_set_is_found_until_its_time_is_over()
    {
        Assert.True(await Cache.SetAsync("k", "v", new() { TimeToLive = TimeSpan.FromSeconds(10) }, cancellationToken: Token));
        var found = await Cache.GetAsync<string>("k", Token);
        Assert.True(found.Found);
        Assert.Equal("v", found.Value);
        Assert.Equal(CacheSource.Memory, found.Source);
        Assert.Equal(TimeSpan.FromSeconds(10), found.Remaining);
        _host.Time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.True((await Cache.GetAsync<string>("k", Token)).Found);
        _host.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(default, await Cache.GetAsync<string>("k", Token));
    }

    [Fact]
    public async Task A_sliding_entry_lives_as_long_as_it_is_read_and_no_longer_than_its_time()
    {
        await Cache.SetAsync("k", 1, new() { TimeToLive = TimeSpan.FromSeconds(10), Sliding = TimeSpan.FromSeconds(4) }, cancellationToken: Token);
        for (int i = 0; i < 3; i++)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(3));
            Assert.True((await Cache.GetAsync<int>("k", Token)).Found);
        }

        _host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await Cache.GetAsync<int>("k", Token)).Found);
        await Cache.SetAsync("k", 1, new() { Sliding = TimeSpan.FromSeconds(4) }, cancellationToken: Token);
        _host.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.False((await Cache.GetAsync<int>("k", Token)).Found);
    }

    [Fact]
    public async Task A_mode_forbids_what_it_says()
    {
        Assert.False(await Cache.SetAsync("k", 1, mode: SetMode.Exists, cancellationToken: Token));
        Assert.True(await Cache.SetAsync("k", 1, mode: SetMode.NotExists, cancellationToken: Token));
        Assert.False(await Cache.SetAsync("k", 2, mode: SetMode.NotExists, cancellationToken: Token));
        Assert.Equal(1, (await Cache.GetAsync<int>("k", Token)).Value);
        Assert.True(await Cache.SetAsync("k", 3, mode: SetMode.Exists, cancellationToken: Token));
        Assert.Equal(3, (await Cache.GetAsync<int>("k", Token)).Value);
        await Cache.SetAsync("k", 4, new() { TimeToLive = TimeSpan.FromSeconds(1) }, cancellationToken: Token);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await Cache.SetAsync("k", 5, mode: SetMode.Exists, cancellationToken: Token));
        Assert.True(await Cache.SetAsync("k", 6, mode: SetMode.NotExists, cancellationToken: Token));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_removing_says_if_it_was_there()
    {
        Assert.False(await Cache.RemoveAsync("k", Token));
        await Cache.SetAsync("k", 1, cancellationToken: Token);
        Assert.True(await Cache.RemoveAsync("k", Token));
        Assert.False((await Cache.GetAsync<int>("k", Token)).Found);
    }

    [Fact]
    public async Task An_entry_can_be_given_another_end()
    {
        Assert.False(await Cache.ExpireAsync("k", TimeSpan.FromSeconds(1), Token));
        await Cache.SetAsync("k", 1, new() { TimeToLive = TimeSpan.FromSeconds(1) }, cancellationToken: Token);
        string? etag = (await Cache.GetAsync<int>("k", Token)).ETag;
        Assert.True(await Cache.ExpireAsync("k", TimeSpan.FromSeconds(5), Token));
        _host.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(etag, (await Cache.GetAsync<int>("k", Token)).ETag);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await Cache.GetAsync<int>("k", Token)).Found);
    }

    [Fact]
    public async Task A_tag_a_prefix_and_the_tenant_are_invalidated_and_nothing_else()
    {
        await Cache.SetAsync("a/1", 1, new() { Tags = ["red", "round"] }, cancellationToken: Token);
        await Cache.SetAsync("a/2", 2, new() { Tags = ["blue"] }, cancellationToken: Token);
        await Cache.SetAsync("b/1", 3, new() { Tags = ["blue"] }, cancellationToken: Token);
        var other = (IStoreCache)_host.Engine.For("other");
        await other.SetAsync("a/1", 9, new() { Tags = ["red"] }, cancellationToken: Token);

        await Cache.InvalidateTagAsync("red", Token);
        Assert.Equal("a/2 b/1", await There());
        await Cache.InvalidatePrefixAsync("a/", Token);
        Assert.Equal("b/1", await There());
        await Cache.SetAsync("a/1", 1, new() { Tags = ["red"] }, cancellationToken: Token);
        Assert.Equal("a/1 b/1", await There());
        await Cache.ClearAsync(Token);
        Assert.Equal("", await There());
        await Cache.SetAsync("a/2", 1, cancellationToken: Token);
        Assert.Equal("a/2", await There());
        Assert.True((await other.GetAsync<int>("a/1", Token)).Found);

        async Task<string> There() => string.Join(' ', (await Cache.GetManyAsync<int>(["a/1", "a/2", "b/1"], Token)).Keys.Order());
    }

    [Fact]
    public async Task A_counter_is_added_to_and_keeps_its_end()
    {
        Assert.Equal(5, await Cache.IncrementAsync("n", 5, new() { TimeToLive = TimeSpan.FromSeconds(10) }, Token));
        Assert.Equal(3, await Cache.IncrementAsync("n", -2, cancellationToken: Token));
        Assert.Equal(3, (await Cache.GetAsync<long>("n", Token)).Value);
        Assert.Equal("3", (await Cache.GetAsync<string>("n", Token)).Value);
        _host.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await Cache.IncrementAsync("n", cancellationToken: Token));
        await Cache.SetAsync("m", 41, cancellationToken: Token);
        Assert.Equal(42, await Cache.IncrementAsync("m", cancellationToken: Token));
    }

    [Fact]
    public async Task What_is_no_counter_and_what_does_not_fit_is_a_conflict()
    {
        await Cache.SetAsync("k", "text", cancellationToken: Token);
        var problem = await Assert.ThrowsAsync<ProblemException>(async () => await Cache.IncrementAsync("k", cancellationToken: Token));
        Assert.Equal(ProblemKind.Conflict, problem.Kind);
        await Cache.SetAsync("k", long.MaxValue, cancellationToken: Token);
        problem = await Assert.ThrowsAsync<ProblemException>(async () => await Cache.IncrementAsync("k", cancellationToken: Token));
        Assert.Equal("by", problem.Errors[0].Field);
        Assert.Equal(long.MaxValue, (await Cache.GetAsync<long>("k", Token)).Value);
    }

    [Fact]
    public async Task Several_are_set_and_read_at_once()
    {
        await Cache.SetManyAsync(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, new() { Tags = ["t"] }, Token);
        var found = await Cache.GetManyAsync<string>(["a", "b", "c", "a"], Token);
        Assert.Equal(["1", "2"], found.OrderBy(f => f.Key).Select(f => f.Value.Value!));
        await Cache.InvalidateTagAsync("t", Token);
        Assert.Empty(await Cache.GetManyAsync<string>(["a", "b"], Token));
    }

    [Fact]
    public async Task An_etag_changes_with_each_setting()
    {
        await Cache.SetAsync("k", "a", cancellationToken: Token);
        string? first = (await Cache.GetAsync<string>("k", Token)).ETag;
        Assert.Equal(first, (await Cache.GetAsync<string>("k", Token)).ETag);
        Assert.Matches("^\"[0-9a-f-]+\"$", first);
        await Cache.SetAsync("k", "b", cancellationToken: Token);
        Assert.NotEqual(first, (await Cache.GetAsync<string>("k", Token)).ETag);
    }

    [Fact]
    public async Task Of_many_who_replace_the_entry_they_have_seen_one_does()
    {
        for (int round = 0; round < 20; round++)
        {
            await Cache.SetAsync("k", "same", cancellationToken: Token);
            string seen = (await Cache.GetAsync<string>("k", Token)).ETag!;
            var done = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () => await Cache.ReplaceAsync("k", "same", tag => tag == seen, cancellationToken: Token), Token)));
            Assert.Equal(1, done.Count(d => d));
            string now = (await Cache.GetAsync<string>("k", Token)).ETag!;
            Assert.NotEqual(seen, now);
            Assert.False(await Cache.RemoveAsync("k", tag => tag == seen, Token));
            Assert.True(await Cache.RemoveAsync("k", tag => tag == now, Token));
            Assert.False(await Cache.ReplaceAsync("k", "x", _ => true, cancellationToken: Token));
        }
    }

    [Fact]
    public async Task Stats_count_what_happened()
    {
        await Cache.SetAsync("k", 1, cancellationToken: Token);
        await Cache.GetAsync<int>("k", Token);
        await Cache.GetAsync<int>("k", Token);
        await Cache.GetAsync<int>("none", Token);
        await Cache.GetOrCreateAsync("made", 0, static (_, _) => new ValueTask<int>(1), cancellationToken: Token);
        var stats = await Cache.StatsAsync(Token);
        Assert.Equal(("none", 1), (stats.Circuit, stats.FactoryRuns));
        var memory = Assert.Single(stats.Layers);
        Assert.Equal(("memory", 2L, 2L, 2L, 2L), (memory.Layer, memory.Hits, memory.Misses, memory.Sets, memory.Entries));
        Assert.True(memory.Bytes > 0);
    }

    public void Dispose() => _host.Dispose();
}
