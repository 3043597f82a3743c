using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>Counts of one shared layer in this process, and its part of the meter <c>CloudStore.Cache.Shared</c>.</summary>
internal sealed class LayerCounts(string layer)
{
    private static readonly Meter Meter = new("CloudStore.Cache.Shared");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("cloudstore.cache.shared.duration", "s", "Time a call of a shared layer took.");
    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("cloudstore.cache.shared.calls", "{call}", "Calls of the shared layers, by layer and outcome.");
    private readonly KeyValuePair<string, object?> _tag = new("layer", layer);
    private long _hits;
    private long _stale;
    private long _misses;
    private long _sets;
    private long _evictions;
    private long _failures;

    public void Read(SharedEntry? entry, long now)
    {
        ref long count = ref entry is null ? ref _misses : ref now < entry.ExpiresAt ? ref _hits : ref _stale;
        Interlocked.Increment(ref count);
        if (Calls.Enabled)
        {
            Calls.Add(1, _tag, new("outcome", entry is null ? "miss" : now < entry.ExpiresAt ? "hit" : "stale"));
        }
    }

    public void Set(int entries = 1) => Interlocked.Add(ref _sets, entries);

    public void Evicted(long entries) => Interlocked.Add(ref _evictions, entries);

    public void Failed()
    {
        Interlocked.Increment(ref _failures);
        Calls.Add(1, _tag, new("outcome", "failure"));
    }

    /// <summary>0 where nobody measures, so that nothing is spent.</summary>
    public static long Start() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void Took(long started)
    {
        if (started != 0)
        {
            Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, _tag);
        }
    }

    public CacheLayerStats Stats(long? entries = null) =>
        new(layer, Volatile.Read(ref _hits), Volatile.Read(ref _stale), Volatile.Read(ref _misses), Volatile.Read(ref _sets), Volatile.Read(ref _evictions), Volatile.Read(ref _failures), entries, null);
}
