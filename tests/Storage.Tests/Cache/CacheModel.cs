using System.Collections.Concurrent;
using CloudStore.Storage.Cache;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>
/// Drives one cache from several tasks with random calls, and records them as a history for <see cref="CacheHistory"/>. It knows nothing of layers, so any cache can be put
/// under it: <c>new CacheModel(cache, seed).RunAsync(...)</c>, while something else breaks what is below.
/// </summary>
internal sealed class CacheModel(IStoreCache cache, int seed)
{
    private const int Keys = 6;
    private static readonly CacheEntryOptions[] Options =
        [.. Enumerable.Range(0, Keys).Select(key => new CacheEntryOptions { TimeToLive = TimeSpan.FromHours(1), Tags = [$"tag {key % 2}", $"tag {key}"] })];

    private readonly ConcurrentQueue<Operation> _history = new();
    private long _order;
    private long _values;

    public int Calls => _history.Count;

    /// <summary>Runs calls until there were <paramref name="calls"/> of each task or <paramref name="until"/> says so, and checks the history of all.</summary>
    /// <returns>What is wrong with it; null for nothing.</returns>
    public async Task<string?> RunAsync(int tasks, int calls, bool mayLose, Func<bool>? until = null, CancellationToken cancellationToken = default)
    {
        await Task.WhenAll(Enumerable.Range(0, tasks).Select(task => Task.Run(async () =>
        {
            var random = new Random(seed + task);
            for (int i = 0; i < calls && until?.Invoke() != true; i++)
            {
                await StepAsync(random, cancellationToken);
            }
        }, cancellationToken)));
        return CacheHistory.Fault(_history, mayLose);
    }

    private async Task StepAsync(Random random, CancellationToken cancellationToken)
    {
        int index = random.Next(Keys);
        string key = $"{(index < 3 ? "a" : "b")}/{index}";
        switch (random.Next(20))
        {
            case < 7:
                await ReadAsync(key, cancellationToken);
                break;
            case < 9:
                await SetAsync(key, Did.Set, SetMode.Always, Options[index], cancellationToken);
                break;
            case 9:
                await SetAsync(key, Did.SetIfNone, SetMode.NotExists, Options[index], cancellationToken);
                break;
            case 10:
                await SetAsync(key, Did.SetIfThere, SetMode.Exists, Options[index], cancellationToken);
                break;
            case < 15:
                await GetOrCreateAsync(key, Options[index], random.Next(2) == 0, cancellationToken);
                break;
            case 15:
                await IncrementAsync($"counter {index % 2}", cancellationToken);
                break;
            case 16:
                await RemoveAsync([key], () => cache.RemoveAsync(key, cancellationToken).AsTask());
                break;
            case 17:
                int tag = random.Next(Keys);
                await RemoveAsync(Enumerable.Range(0, Keys).Where(k => k == tag || k % 2 == tag).Select(NameOf), () => cache.InvalidateTagAsync($"tag {tag}", cancellationToken).AsTask());
                break;
            case 18:
                await RemoveAsync(Enumerable.Range(0, 3).Select(NameOf), () => cache.InvalidatePrefixAsync("a/", cancellationToken).AsTask());
                break;
            default:
                await (random.Next(4) == 0
                    ? RemoveAsync([.. Enumerable.Range(0, Keys).Select(NameOf), "counter 0", "counter 1"], () => cache.ClearAsync(cancellationToken).AsTask())
                    : ReadManyAsync([key, NameOf((index + 1) % Keys)], cancellationToken));
                break;
        }
    }

    private static string NameOf(int index) => $"{(index < 3 ? "a" : "b")}/{index}";

    private long Tick() => Interlocked.Increment(ref _order);

    private void Note(string key, Did did, long? value, long begin, bool succeeded = true, long by = 0) =>
        _history.Enqueue(new Operation(key, did, value, succeeded, by, begin, Tick()));

    private async Task ReadAsync(string key, CancellationToken cancellationToken)
    {
        long begin = Tick();
        var read = await cache.GetAsync<long>(key, cancellationToken);
        Note(key, Did.Read, read.Found ? read.Value : null, begin);
    }

    private async Task ReadManyAsync(string[] keys, CancellationToken cancellationToken)
    {
        long begin = Tick();
        var read = await cache.GetManyAsync<long>(keys, cancellationToken);
        foreach (string key in keys)
        {
            Note(key, Did.Read, read.TryGetValue(key, out var found) ? found.Value : null, begin);
        }
    }

    private async Task SetAsync(string key, Did did, SetMode mode, CacheEntryOptions options, CancellationToken cancellationToken)
    {
        long value = Interlocked.Increment(ref _values);
        long begin = Tick();
        bool set = await cache.SetAsync(key, value, options, mode, cancellationToken);
        Note(key, did, value, begin, set);
    }

    private async Task GetOrCreateAsync(string key, CacheEntryOptions options, bool slow, CancellationToken cancellationToken)
    {
        long value = Interlocked.Increment(ref _values);
        long begin = Tick();
        long factory = 0;
        long got = await cache.GetOrCreateAsync(key, 0, async (_, _) =>
        {
            factory = Tick();
            for (int i = slow ? 20 : 1; i > 0; i--)
            {
                await Task.Yield();
            }

            return value;
        }, options, cancellationToken);
        _history.Enqueue(new Operation(key, Did.GetOrCreate, got, got == value, 0, begin, Tick()) { FactoryBegin = got == value ? factory : 0 });
    }

    private async Task IncrementAsync(string key, CancellationToken cancellationToken)
    {
        long begin = Tick();
        long sum = await cache.IncrementAsync(key, 1, new() { TimeToLive = TimeSpan.FromHours(1) }, cancellationToken);
        Note(key, Did.Increment, sum, begin, by: 1);
    }

    private async Task RemoveAsync(IEnumerable<string> keys, Func<Task> remove)
    {
        long begin = Tick();
        await remove();
        foreach (string key in keys)
        {
            Note(key, Did.Remove, null, begin);
        }
    }
}
