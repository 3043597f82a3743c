using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Cache.Memory;

public sealed class StrategyTests
{
    private static readonly CompositeStrategy Both = new(new TimeToLiveStrategy(), new TagStrategy());
    private readonly TenantSpace _space = new("t", new NoSharedCache(new ManualTime()), Both, new MemoryUse());

    [Theory]
    [InlineData(99, 0)]
    [InlineData(100, 1)]
    [InlineData(149, 1)]
    [InlineData(150, 2)]
    public void Time_makes_an_entry_stale_and_then_dead(long now, int expected) =>
        Assert.Equal((Freshness)expected, new TimeToLiveStrategy().Judge(Entry("k", freshUntil: 100, stale: 50), now));

    [Theory]
    [InlineData(50, 59, 0)]
    [InlineData(50, 60, 2)]
    [InlineData(95, 99, 0)]
    [InlineData(95, 100, 2)]
    public void A_sliding_entry_ends_after_its_last_read_or_at_its_end(long lastRead, long now, int expected)
    {
        var entry = Entry("k", freshUntil: 100, sliding: 10);
        entry.LastRead = lastRead;
        Assert.Equal((Freshness)expected, new TimeToLiveStrategy().Judge(entry, now));
    }

    [Fact]
    public void An_invalidation_kills_what_is_not_later_than_it()
    {
        var tag = new TagState("x");
        var entry = Entry("abc", position: 5, tags: [new TagState("y"), tag]);
        tag.Raise(5);
        Assert.Equal(Freshness.Fresh, Both.Judge(entry, 0));
        tag.Raise(6);
        tag.Raise(4);
        Assert.Equal(Freshness.Dead, Both.Judge(entry, 0));

        entry = Entry("abc", position: 5);
        _space.Apply(new Invalidation(InvalidationKind.Prefix, "t", "x"), 6);
        _space.Apply(new Invalidation(InvalidationKind.Prefix, "t", "ab"), 4);
        Assert.Equal(Freshness.Fresh, Both.Judge(entry, 0));
        _space.Apply(new Invalidation(InvalidationKind.Prefix, "t", "ab"), 7);
        Assert.Equal(Freshness.Dead, Both.Judge(entry, 0));

        entry = Entry("other", position: 5);
        Assert.Equal(Freshness.Fresh, Both.Judge(entry, 0));
        _space.Apply(new Invalidation(InvalidationKind.Tenant, "t", ""), 8);
        Assert.Equal(Freshness.Dead, Both.Judge(entry, 0));
    }

    [Fact]
    public void The_composite_says_the_worst()
    {
        var tag = new TagState("x");
        var entry = Entry("k", freshUntil: 10, stale: 10, tags: [tag]);
        Assert.Equal(Freshness.Stale, Both.Judge(entry, 15));
        tag.Retire();
        Assert.Equal(Freshness.Dead, Both.Judge(entry, 15));
        Assert.Equal(Freshness.Dead, Both.Judge(entry, 5));
    }

    [Fact]
    public void Of_very_many_prefixes_the_earlier_ones_count_for_all_keys()
    {
        var prefixes = new PrefixPositions();
        for (int i = 1; i <= PrefixPositions.Most + 1; i++)
        {
            prefixes.Apply($"{i:000}/", i);
        }

        Assert.True(prefixes.Hits("001/x", 0));
        Assert.True(prefixes.Hits("anything", 0));
        Assert.True(prefixes.Hits("anything", (PrefixPositions.Most / 2) - 1));
        Assert.False(prefixes.Hits("anything", PrefixPositions.Most / 2));
        Assert.True(prefixes.Hits($"{PrefixPositions.Most:000}/x", PrefixPositions.Most - 1));
        Assert.Equal(PrefixPositions.Most + 1, prefixes.Last);
        // One that covers others takes their place.
        prefixes.Apply("2", 1_000);
        Assert.True(prefixes.Hits("200/x", 999));
    }

    [Fact]
    public void What_was_not_read_for_longest_goes_first()
    {
        var lru = new LruStrategy(Both, new MemoryUse());
        var entries = Enumerable.Range(0, 10).Select(i => Entry($"{i}", lastRead: i)).ToList();
        entries.ForEach(e => Assert.True(lru.Add(e)));
        int[] order = [3, 1, 4, 0, 9, 2, 6, 8, 7, 5];
        for (int i = 0; i < order.Length; i++)
        {
            entries[order[i]].LastRead = 100 + i;
        }

        Assert.Equal(order, Enumerable.Range(0, 10).Select(_ => int.Parse(lru.TakeVictim(0)!.Key, provider: null)));
        Assert.Null(lru.TakeVictim(0));
        Assert.Equal((0, 0L), (lru.Count, lru.Bytes));
    }

    [Fact]
    public void Among_many_what_is_read_all_the_time_stays()
    {
        var lru = new LruStrategy(Both, new MemoryUse());
        long clock = 0;
        var hot = Enumerable.Range(0, 100).Select(i => Entry($"hot {i}", lastRead: clock)).ToList();
        hot.ForEach(e => lru.Add(e));
        for (int i = 0; i < 10_000; i++)
        {
            clock++;
            hot[i % 100].LastRead = clock;
            lru.Add(Entry($"cold {i}", lastRead: clock));
            if (i >= 900)
            {
                Assert.StartsWith("cold", lru.TakeVictim(0)!.Key, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void The_lowest_priority_goes_first_and_never_only_when_it_is_over()
    {
        var lru = new LruStrategy(Both, new MemoryUse());
        lru.Add(Entry("never", priority: CachePriority.NeverRemove, freshUntil: 50));
        lru.Add(Entry("high", priority: CachePriority.High));
        lru.Add(Entry("normal", lastRead: 1));
        lru.Add(Entry("low", priority: CachePriority.Low, lastRead: 2));
        Assert.Equal("low normal high", string.Join(' ', Enumerable.Range(0, 3).Select(_ => lru.TakeVictim(0)!.Key)));
        Assert.Null(lru.TakeVictim(49));
        Assert.Equal("never", lru.TakeVictim(50)!.Key);
    }

    [Fact]
    public void What_is_over_goes_before_what_is_not()
    {
        var lru = new LruStrategy(Both, new MemoryUse());
        lru.Add(Entry("fresh", lastRead: 1));
        lru.Add(Entry("over", freshUntil: 5, lastRead: 2));
        Assert.Equal("over", lru.TakeVictim(5)!.Key);
    }

    private MemoryEntry Entry(string key, long freshUntil = 1_000_000, long stale = 0, long sliding = 0, long position = 0, TagState[]? tags = null,
        CachePriority priority = CachePriority.Normal, long lastRead = 0) => new()
        {
            Space = _space,
            Key = key,
            Position = position,
            Tags = tags ?? [],
            FreshUntil = freshUntil,
            StaleTicks = stale,
            SlidingTicks = sliding,
            Priority = priority,
            Size = 1,
            LastRead = lastRead,
        };
}
