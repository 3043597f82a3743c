using System.Collections.Concurrent;
using CloudStore.Storage.Cache;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Benchmarks;

/// <summary>
/// A hit in this process's memory, beside what it cannot be faster than (a dictionary) and Microsoft's MemoryCache, which knows no tags; and invalidating a tag, whatever
/// the number of entries that carry it.
/// </summary>
internal static class CacheBenchmark
{
    private const int Keys = 1_000;
    private const int Reads = 1_000_000;
    private const int Tagged = 1_000_000;
    private const int Invalidations = 10_000;

    private static readonly CacheEntryOptions TwoTags = new() { TimeToLive = TimeSpan.FromHours(1), Tags = ["metrics", "campaign"] };

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var services = new ServiceCollection().AddCloudStoreCache(o =>
        {
            (o.MemoryBytes, o.MemoryBytesPerTenant, o.MemoryEntriesPerTenant) = (2L << 30, 2L << 30, 2 * Tagged);
        }).BuildServiceProvider();
        await HitsAsync(services, options, table);
        await InvalidationsAsync(services.GetRequiredService<IStoreCache>(), table);
    }

    private static async Task HitsAsync(IServiceProvider services, BenchmarkOptions options, ResultTable table)
    {
        var cache = services.GetRequiredService<IStoreCache>();
        var hybrid = services.GetRequiredService<HybridCache>();
        var dictionary = new ConcurrentDictionary<string, Row>(StringComparer.Ordinal);
        using var memory = new MemoryCache(new MemoryCacheOptions());
        var keys = Enumerable.Range(0, Keys).Select(i => $"campaigns/metrics/{i}").ToArray();
        foreach (string key in keys)
        {
            var row = new Row(key, 1, 2.5m);
            dictionary[key] = row;
            memory.Set(key, row, TimeSpan.FromHours(1));
            await cache.SetAsync(key, row, TwoTags);
        }

        (string Name, Func<string[], ValueTask<int>> Read)[] readers =
        [
            ("dictionary", k => new(Dictionary(dictionary, k))), ("MemoryCache", k => new(Memory(memory, k))), ("GetOrCreateAsync", k => GetOrCreateAsync(cache, k)),
            ("GetAsync", k => GetAsync(cache, k)), ("HybridCache.GetOrCreateAsync", k => HybridAsync(hybrid, k)),
        ];
        var times = readers.ToDictionary(r => r.Name, _ => new List<double>());
        var bytes = new Dictionary<string, double>();
        // Some turns for the compiler, then all of them in turns, so that whatever else the machine does meets all.
        for (int turn = -3; turn < Math.Max(5, options.Runs); turn++)
        {
            foreach (var (name, read) in readers)
            {
                var (nanoseconds, allocated) = await MeasureAsync(read, keys);
                bytes[name] = allocated;
                if (turn >= 0)
                {
                    times[name].Add(nanoseconds);
                }
            }
        }

        double dictionaryTime = ResultTable.Median(times["dictionary"]), memoryTime = ResultTable.Median(times["MemoryCache"]);
        foreach (var (name, _) in readers.Skip(2))
        {
            double time = ResultTable.Median(times[name]);
            table.Add($"memory hit, {name}", 1e9 / time, "reads/s", 1e9 / memoryTime,
                FormattableString.Invariant($"{time:0} ns and {bytes[name]:0.##} bytes; MemoryCache {memoryTime:0} ns, dictionary {dictionaryTime:0} ns"));
        }
    }

    private static async Task InvalidationsAsync(IStoreCache cache, ResultTable table)
    {
        await cache.SetAsync("one", 1, new() { Tags = ["small"], Size = 100 });
        var large = new CacheEntryOptions { Tags = ["large"], Size = 100, TimeToLive = TimeSpan.FromHours(1) };
        for (int i = 0; i < Tagged; i++)
        {
            await cache.SetAsync($"large/{i}", i, large);
        }

        await InvalidateAsync(cache, "warm");
        List<double> ofOne = [], ofMany = [];
        for (int turn = 0; turn < 9; turn++)
        {
            ofOne.Add(await InvalidateAsync(cache, "small"));
            ofMany.Add(await InvalidateAsync(cache, "large"));
        }

        double small = ResultTable.Median(ofOne), many = ResultTable.Median(ofMany);
        table.Add("invalidate a tag of 1,000,000 entries", 1e9 / many, "invalidations/s", 1e9 / small, FormattableString.Invariant($"{many:0} ns; of one entry {small:0} ns"));
    }

    private static async Task<double> InvalidateAsync(IStoreCache cache, string tag)
    {
        var started = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Invalidations; i++)
        {
            await cache.InvalidateTagAsync(tag);
        }

        return (Environment.CpuUsage.TotalTime - started).TotalNanoseconds / Invalidations;
    }

    private static async Task<(double Nanoseconds, double Bytes)> MeasureAsync(Func<string[], ValueTask<int>> read, string[] keys)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        // Processor time: what other processes use of the machine is not the cache's.
        var started = Environment.CpuUsage.TotalTime;
        int found = 0;
        for (int i = 0; i < Reads / Keys; i++)
        {
            found += await read(keys);
        }

        double nanoseconds = (Environment.CpuUsage.TotalTime - started).TotalNanoseconds / Reads;
        return found == Reads ? (nanoseconds, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Reads)
            : throw new InvalidOperationException($"{Reads - found} reads found nothing.");
    }

    private static int Dictionary(ConcurrentDictionary<string, Row> dictionary, string[] keys)
    {
        int found = 0;
        foreach (string key in keys)
        {
            found += dictionary.TryGetValue(key, out var row) && row.Count == 1 ? 1 : 0;
        }

        return found;
    }

    private static int Memory(MemoryCache cache, string[] keys)
    {
        int found = 0;
        foreach (string key in keys)
        {
            found += cache.TryGetValue<Row>(key, out var row) && row!.Count == 1 ? 1 : 0;
        }

        return found;
    }

    private static async ValueTask<int> GetOrCreateAsync(IStoreCache cache, string[] keys)
    {
        int found = 0;
        foreach (string key in keys)
        {
            found += (await cache.GetOrCreateAsync(key, 0, static (_, _) => new ValueTask<Row>(new Row("none", 0, 0)), TwoTags)).Count;
        }

        return found;
    }

    private static async ValueTask<int> GetAsync(IStoreCache cache, string[] keys)
    {
        int found = 0;
        foreach (string key in keys)
        {
            found += await cache.GetAsync<Row>(key) is { Found: true, Value.Count: 1 } ? 1 : 0;
        }

        return found;
    }

    private static async ValueTask<int> HybridAsync(HybridCache cache, string[] keys)
    {
        int found = 0;
        foreach (string key in keys)
        {
            found += (await cache.GetOrCreateAsync(key, 0, static (_, _) => new ValueTask<Row>(new Row("none", 0, 0)))).Count;
        }

        return found;
    }

    private sealed record Row(string Campaign, int Count, decimal Spend);
}
