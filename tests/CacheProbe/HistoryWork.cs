using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using CloudStore.Storage.Cache;

namespace CloudStore.CacheProbe;

/// <summary>
/// Readers and a writer of one process. The truth is a number a key, in memory that all processes map; each key has one process that raises it and then either
/// invalidates the key's tag (even keys; a factory reads the truth again) or sets the key (odd keys). What is noted: when each write had returned, and for each
/// value a reader got, when it last began a read that got it. Times are the machine's monotonic clock, the same for all processes.
/// </summary>
internal sealed class HistoryWork(IStoreCache cache, string folder, int node, int nodes)
{
    public const int Keys = 32;
    private const int Readers = 4;
    private static readonly CacheEntryOptions Tagless = new() { TimeToLive = TimeSpan.FromMinutes(10) };
    private readonly MemoryMappedViewAccessor _truth = MemoryMappedFile.CreateFromFile(Path.Combine(folder, "truth"), FileMode.Open, null, Keys * sizeof(long)).CreateViewAccessor();
    private readonly CacheEntryOptions[] _options = [.. Enumerable.Range(0, Keys).Select(k => Tagless with { Tags = [$"t{k}"] })];
    private long _reads;
    private int _failures;

    public async Task RunAsync(TimeSpan time)
    {
        long end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var writes = new List<(int Key, long Version, long Returned)>();
        var lasts = Enumerable.Range(0, Readers).Select(_ => new Dictionary<(int Key, long Version), long>()).ToList();
        await Task.WhenAll([Task.Run(() => WriteAsync(writes, end)), .. lasts.Select(l => Task.Run(() => ReadAsync(l, end)))]);
        await File.WriteAllLinesAsync(Path.Combine(folder, $"writes{node}"), writes.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Key} {w.Version} {w.Returned}")));
        await File.WriteAllLinesAsync(Path.Combine(folder, $"reads{node}"), lasts.SelectMany(l => l).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key.Key} {r.Key.Version} {r.Value}")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_reads} {writes.Count} {_failures}"));
    }

    private async Task WriteAsync(List<(int, long, long)> writes, long end)
    {
        for (int i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            int key = (i * nodes + node) % Keys;
            if (key % nodes != node)
            {
                continue;
            }

            long version = _truth.ReadInt64(key * sizeof(long)) + 1;
            _truth.Write(key * sizeof(long), version);
            await TryAsync(async () => await (key % 2 == 0 ? cache.InvalidateTagAsync($"t{key}") : Ignore(cache.SetAsync($"k{key}", version, Tagless))));
            writes.Add((key, version, Stopwatch.GetTimestamp()));
            await Task.Delay(2);
        }
    }

    private async Task ReadAsync(Dictionary<(int, long), long> lasts, long end)
    {
        for (int i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            int key = i % Keys;
            long began = Stopwatch.GetTimestamp();
            await TryAsync(async () =>
            {
                long? version = key % 2 == 0
                    ? await cache.GetOrCreateAsync($"k{key}", key, (k, _) => ValueTask.FromResult(_truth.ReadInt64(k * sizeof(long))), _options[key])
                    : await cache.GetAsync<long>($"k{key}") is { Found: true } found ? found.Value : null;
                if (version is { } read)
                {
                    lasts[(key, read)] = began;
                }
            });
            _reads++;
            if (i % 64 == 0)
            {
                await Task.Delay(1);
            }
        }
    }

    private static async ValueTask Ignore(ValueTask<bool> task) => await task;

    private async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e)
        {
            if (Interlocked.Increment(ref _failures) < 5)
            {
                await Console.Error.WriteLineAsync(e.ToString());
            }
        }
    }
}
