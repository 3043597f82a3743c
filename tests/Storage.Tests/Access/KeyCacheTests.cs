using CloudStore.Storage.Access;

namespace CloudStore.Storage.Tests.Access;

public sealed class KeyCacheTests
{
    [Fact]
    public void A_key_read_before_a_drop_is_not_kept_after_it()
    {
        var cache = new KeyCache();
        long generation = cache.Generation;
        cache.Drop("k");
        cache.Add("k", Known("k"), generation);
        Assert.Null(cache.Find("k", 0));

        cache.Add("k", Known("k"), cache.Generation);
        Assert.NotNull(cache.Find("k", 0));
    }

    [Fact]
    public void A_flood_of_unknown_ids_does_not_push_out_keys()
    {
        var cache = new KeyCache();
        cache.Add("real", Known("real"), cache.Generation);
        for (int i = 0; i < 25_000; i++)
        {
            cache.Add($"u{i}", new KeyCache.Entry(null, new byte[32], 0, false, 100, 0), cache.Generation);
        }

        Assert.NotNull(cache.Find("real", 0));
        Assert.Null(cache.Find("u0", 0));
    }

    [Fact]
    public void One_of_many_records_a_use_and_a_refreshed_entry_remembers_it()
    {
        var cache = new KeyCache();
        var entry = Known("k");
        cache.Add("k", entry, cache.Generation);
        long now = TimeSpan.FromMinutes(5).Ticks;
        int taken = 0;
        Parallel.For(0, 64, _ => Interlocked.Add(ref taken, entry.TakeUse(now, TimeSpan.FromMinutes(1)) ? 1 : 0));
        Assert.Equal(1, taken);
        var fresh = Known("k");
        cache.Add("k", fresh, cache.Generation);
        Assert.False(fresh.TakeUse(now, TimeSpan.FromMinutes(1)));
    }

    private static KeyCache.Entry Known(string id) => new(new Caller("t", id, Role.Reader), new byte[32], long.MaxValue, false, 100, 0);
}
