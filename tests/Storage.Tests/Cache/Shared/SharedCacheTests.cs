using System.Diagnostics;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>Where the entries of a test are.</summary>
public enum Shop
{
    Redis,
    Postgres,
    Sqlite,
}

/// <summary>What two processes see of each other's entries, on each store alike.</summary>
public sealed class SharedCacheTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Shops))]
    public async Task What_one_sets_the_other_reads(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        var set = pair.A.Entry("red", 600, "t1", "t2") with { Format = 0x12, StaleFor = 5_000 };
        Assert.True(await pair.A.Cache.SetAsync("acme", "k:1/ü", set, SetMode.Always, Token));

        var read = await pair.B.Cache.GetAsync("acme", "k:1/ü", Token);

        Assert.NotNull(read);
        Assert.Equal("red", SharedNode.Text(read));
        Assert.Equal((set.Format, set.CreatedAt, set.ExpiresAt, set.StaleFor, set.Position), (read.Format, read.CreatedAt, read.ExpiresAt, read.StaleFor, read.Position));
        Assert.Equal(set.Tags, read.Tags);
        Assert.Null(await pair.B.ReadAsync("k:1/ü", "other"));
        Assert.Equal(shop == Shop.Redis ? CacheSource.Redis : CacheSource.Database, read.Source);
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task A_set_a_removal_and_an_expiry_are_heard_by_the_other_process_alone(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        await pair.A.WriteAsync("a", "1");
        Assert.True(await pair.A.Cache.ExpireAsync("acme", "a", pair.A.Cache.Now + 90_000, Token));
        Assert.True(await pair.A.Cache.RemoveAsync("acme", "a", Token));

        await Eventually.Async(() => pair.B.Heard.Count == 3, TimeSpan.FromMinutes(1), "three lines");
        Assert.All(pair.B.Heard, h => Assert.Equal(new Invalidation(InvalidationKind.Key, "acme", "a"), h.What));
        Assert.Empty(pair.A.Heard);
        Assert.False(await pair.A.Cache.RemoveAsync("acme", "a", Token));
        Assert.False(await pair.A.Cache.ExpireAsync("acme", "a", pair.A.Cache.Now + 90_000, Token));
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task Of_many_who_swap_the_entry_they_have_seen_one_does(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        for (int round = 0; round < 10; round++)
        {
            var first = pair.A.Entry("same");
            await pair.A.Cache.SetAsync("acme", "k", first, SetMode.Always, Token);
            // The same value, set in the same millisecond, with the same end: nothing but the swap itself tells them apart.
            var swaps = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () => await (i % 2 == 0 ? pair.A : pair.B).Cache.SwapAsync("acme", "k",
                found => found.CreatedAt == first.CreatedAt, i % 3 == 0 ? null : first with { Payload = "same"u8.ToArray() }, Token), Token)));
            Assert.Equal(1, swaps.Count(s => s));
        }

        // Set behind the reader's back in the same millisecond, by somebody who does not ask.
        var seen = pair.A.Entry("seen");
        await pair.A.Cache.SetAsync("acme", "k", seen, SetMode.Always, Token);
        Assert.False(await pair.B.Cache.SwapAsync("acme", "k", found =>
        {
            var set = pair.A.Cache.SetAsync("acme", "k", seen with { Payload = "newer"u8.ToArray() }, SetMode.Always, Token).AsTask();
            ((IAsyncResult)set).AsyncWaitHandle.WaitOne();
            return SharedNode.Text(found) == "seen";
        }, pair.B.Entry("lost"), Token));
        Assert.Equal("newer", await pair.A.ReadAsync("k"));
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task No_addition_to_a_counter_with_tags_is_lost(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        var made = pair.A.Counter() with { Tags = ["t"] };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            for (int n = 0; n < 3; n++)
            {
                await (i % 2 == 0 ? pair.A : pair.B).Cache.IncrementAsync("acme", "sum", 1, made, Token);
            }
        }, Token)));
        Assert.Equal("12", await pair.A.ReadAsync("sum"));
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task Modes_look_at_what_is_valid(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        Assert.False(await pair.A.WriteAsync("k", "0", mode: SetMode.Exists));
        Assert.True(await pair.A.WriteAsync("k", "1", mode: SetMode.NotExists));
        Assert.False(await pair.B.WriteAsync("k", "2", mode: SetMode.NotExists));
        Assert.True(await pair.B.WriteAsync("k", "3", mode: SetMode.Exists));
        Assert.Equal("3", await pair.A.ReadAsync("k"));

        // Invalid by its tag: it is not there.
        await pair.A.Cache.SetAsync("acme", "tagged", pair.A.Entry("old", 600, "t"), SetMode.Always, Token);
        await pair.A.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        Assert.False(await pair.A.WriteAsync("tagged", "x", mode: SetMode.Exists));
        Assert.False(await pair.A.Cache.ExpireAsync("acme", "tagged", pair.A.Cache.Now + 90_000, Token));
        Assert.True(await pair.B.WriteAsync("tagged", "new", mode: SetMode.NotExists));
        Assert.Equal("new", await pair.A.ReadAsync("tagged"));

        // Past its time, kept to be served stale: the same.
        var stale = pair.A.Entry("stale", -1) with { StaleFor = 60_000 };
        Assert.True(await pair.A.Cache.SetAsync("acme", "s", stale, SetMode.Always, Token));
        Assert.Equal("stale", await pair.B.ReadAsync("s"));
        Assert.False(await pair.B.WriteAsync("s", "x", mode: SetMode.Exists));
        Assert.True(await pair.B.WriteAsync("s", "fresh", mode: SetMode.NotExists));
        Assert.Equal("fresh", await pair.A.ReadAsync("s"));
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task What_a_prefix_or_a_tenant_made_invalid_is_not_found_by_one_who_comes_later(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        foreach (var key in new[] { "a:1", "a:2", "b:1" })
        {
            await pair.A.WriteAsync(key, "v");
        }

        await pair.A.WriteAsync("a:1", "v", "other");
        await pair.A.Cache.InvalidateAsync(new(InvalidationKind.Prefix, "acme", "a:"), Token);
        Assert.Null(await pair.A.ReadAsync("a:1"));
        Assert.Equal(InvalidationKind.Prefix, Assert.Single(pair.A.Heard).What.Kind);
        Assert.Equal("v", await pair.A.ReadAsync("b:1"));
        Assert.True(await pair.A.WriteAsync("a:2", "w", mode: SetMode.NotExists));

        await using var late = await pair.StartAnotherAsync();
        Assert.Null(await late.ReadAsync("a:1"));
        Assert.Equal("w", await late.ReadAsync("a:2"));
        Assert.Equal("v", await late.ReadAsync("a:1", "other"));

        await late.Cache.InvalidateAsync(new(InvalidationKind.Tenant, "acme", ""), Token);
        Assert.Null(await late.ReadAsync("b:1"));
        Assert.Equal("v", await late.ReadAsync("a:1", "other"));
        await Eventually.Async(() => pair.B.Heard.Any(h => h.What.Kind == InvalidationKind.Tenant), TimeSpan.FromMinutes(1), "the tenant's line");
        Assert.Null(await pair.B.ReadAsync("a:2"));
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task Positions_of_tags_are_the_same_for_all(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        long before = pair.B.Cache.Position;
        await pair.A.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        long applied = pair.A.Cache.Position;
        Assert.Equal(applied, Assert.Single(pair.A.Heard).Position);
        Assert.True(applied > before);
        Assert.Equal((long[])[applied, 0], await pair.B.Cache.TagPositionsAsync("acme", ["t", "never"], Token));
        Assert.Equal((long[])[0], await pair.B.Cache.TagPositionsAsync("other", ["t"], Token));
        await Eventually.Async(() => pair.B.Cache.Position >= applied, TimeSpan.FromMinutes(1), "the line");
        Assert.Equal(applied, Assert.Single(pair.B.Heard).Position);
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task Counters_are_added_to_by_all_at_once(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? pair.A : pair.B).Cache.IncrementAsync("acme", "n", 1, pair.A.Counter(), Token).AsTask()));
        Assert.Equal("200", await pair.B.ReadAsync("n"));
        Assert.Equal(195, await pair.A.Cache.IncrementAsync("acme", "n", -5, pair.A.Counter(), Token));

        await pair.A.WriteAsync("text", "abc");
        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await pair.B.Cache.IncrementAsync("acme", "text", 1, pair.B.Counter(), Token));
        Assert.Equal(ProblemKind.Conflict, refused.Kind);
        await pair.A.Cache.SetAsync("acme", "most", pair.A.Entry($"{long.MaxValue}") with { Format = 3 }, SetMode.Always, Token);
        refused = await Assert.ThrowsAsync<ProblemException>(async () => await pair.B.Cache.IncrementAsync("acme", "most", 1, pair.B.Counter(), Token));
        Assert.Equal(ProblemKind.Conflict, refused.Kind);
        Assert.Equal($"{long.MaxValue}", await pair.A.ReadAsync("most"));

        // An integer with tags is one too; when they are invalidated it begins again.
        await pair.A.Cache.SetAsync("acme", "tagged", pair.A.Entry("41", 600, "t") with { Format = 3 }, SetMode.Always, Token);
        Assert.Equal(42, await pair.B.Cache.IncrementAsync("acme", "tagged", 1, pair.B.Counter(), Token));
        await pair.A.Cache.InvalidateAsync(new(InvalidationKind.Tag, "acme", "t"), Token);
        Assert.Equal(1, await pair.A.Cache.IncrementAsync("acme", "tagged", 1, pair.A.Counter(), Token));
        await pair.A.Cache.InvalidateAsync(new(InvalidationKind.Prefix, "acme", "n"), Token);
        Assert.Equal(1, await pair.A.Cache.IncrementAsync("acme", "n", 1, pair.A.Counter(), Token));
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task Many_are_read_in_their_order_and_ends_are_kept(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        await pair.A.Cache.SetManyAsync("acme", [new("a", pair.A.Entry("1")), new("b", pair.A.Entry("2")), new("short", pair.A.Entry("3", 0.3))], Token);
        Assert.Equal((string?[])["2", null, "1"], (await pair.B.Cache.GetManyAsync("acme", ["b", "none", "a"], Token)).Select(SharedNode.Text));
        await Eventually.Async(async () => await pair.B.ReadAsync("short") is null, TimeSpan.FromMinutes(1), "the end of an entry");

        await Eventually.Async(() => SlidesAsync(pair), TimeSpan.FromMinutes(1), "what is read to stay");
        await Eventually.Async(async () => { await Task.Delay(1_300, Token); return await pair.B.ReadAsync("slides") is null; }, TimeSpan.FromMinutes(1), "the end of what is not read");
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task One_process_has_the_right_to_run_a_factory(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        await using (var lease = await pair.A.Cache.LeaseAsync("acme", "k", TimeSpan.FromSeconds(30), Token))
        {
            Assert.NotNull(lease);
            Assert.Null(await pair.B.Cache.LeaseAsync("acme", "k", TimeSpan.FromSeconds(30), Token));
            await using var other = await pair.B.Cache.LeaseAsync("acme", "k2", TimeSpan.FromSeconds(30), Token);
            Assert.NotNull(other);
        }

        await using var next = await pair.B.Cache.LeaseAsync("acme", "k", TimeSpan.FromMilliseconds(50), Token);
        Assert.NotNull(next);
        await Eventually.Async(async () => await pair.A.Cache.LeaseAsync("acme", "k", TimeSpan.FromSeconds(9), Token) is not null, TimeSpan.FromMinutes(1), "the end of a lease nobody gave back");
    }

    [Theory, MemberData(nameof(Shops))]
    public async Task A_slow_factory_does_not_put_back_what_another_process_has_replaced(Shop shop)
    {
        await using var pair = await Pair.StartAsync(shop);
        var slow = pair.A.Entry("from before") with { Computed = true };
        await pair.B.WriteAsync("k", "newer");
        bool set = await pair.A.Cache.SetAsync("acme", "k", slow, SetMode.Always, Token);
        Assert.True(shop == Shop.Redis || !set);
        // In Redis it may be there for a moment, and is removed when the other's line is heard: nothing is left then.
        await Eventually.Async(async () => await pair.B.ReadAsync("k") is not "from before", TimeSpan.FromMinutes(1), "the older value to be gone");
        Assert.True(shop == Shop.Redis || await pair.B.ReadAsync("k") == "newer");

        slow = pair.A.Entry("from before") with { Computed = true };
        await pair.A.Cache.InvalidateAsync(new(InvalidationKind.Tenant, "acme", ""), Token);
        Assert.False(await pair.A.Cache.SetAsync("acme", "k", slow, SetMode.Always, Token));
        Assert.Null(await pair.A.ReadAsync("k"));
        await Eventually.Async(async () => await pair.B.ReadAsync("k") is null, TimeSpan.FromMinutes(1), "the other to hear of it");
    }

    // False where the machine paused for so long that the entry's time was over.
    private static async Task<bool> SlidesAsync(Pair pair)
    {
        const int sliding = 1_000;
        long started = Stopwatch.GetTimestamp(), before = started;
        await pair.A.Cache.SetAsync("acme", "slides", pair.A.Entry("s") with { Sliding = sliding }, SetMode.Always, Token);
        while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < 1.6 * sliding)
        {
            await Task.Delay(sliding / 5, Token);
            long now = Stopwatch.GetTimestamp();
            var read = await pair.B.ReadAsync("slides");
            if (Stopwatch.GetElapsedTime(before).TotalMilliseconds > 0.9 * sliding)
            {
                return false;
            }

            Assert.Equal("s", read);
            before = now;
        }

        return true;
    }

    public static TheoryData<Shop> Shops => new(Enum.GetValues<Shop>());

    private sealed class Pair : IAsyncDisposable
    {
        private RedisServer? _redis;
        private TestStore? _store;

        public SharedNode A { get; private set; } = null!;

        public SharedNode B { get; private set; } = null!;

        public static async Task<Pair> StartAsync(Shop shop)
        {
            var pair = new Pair
            {
                _redis = shop == Shop.Redis ? await RedisServer.StartAsync() : null,
                _store = shop == Shop.Redis ? null : await TestStore.OpenAsync(shop == Shop.Postgres ? Database.Postgres : Database.Sqlite),
            };
            pair.A = await pair.StartAnotherAsync();
            pair.B = await pair.StartAnotherAsync();
            return pair;
        }

        public Task<SharedNode> StartAnotherAsync() => SharedNode.StartAsync(_redis, _store);

        public async ValueTask DisposeAsync()
        {
            await A.DisposeAsync();
            await B.DisposeAsync();
            await (_store?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
