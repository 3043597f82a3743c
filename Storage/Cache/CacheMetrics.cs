using System.Diagnostics.Metrics;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Cache;

/// <summary>
/// What the cache measures, on the meter <c>CloudStore.Cache</c>, by layer. What readers count is looked at when metrics are collected, so that a hit pays for one addition.
/// </summary>
internal sealed class CacheMetrics : IDisposable
{
    private readonly Histogram<double> _factory;
    private readonly Histogram<double> _duration;
    private readonly MemoryLayer _memory;
    private readonly ISharedCache _shared;

    public CacheMetrics(MemoryLayer memory, ISharedCache shared)
    {
        (_memory, _shared) = (memory, shared);
        Counter("cloudstore.cache.hits", "{read}", "Reads that found a fresh value.", l => l.Hits);
        Counter("cloudstore.cache.hits.stale", "{read}", "Reads answered with a value past its time.", l => l.StaleHits);
        Counter("cloudstore.cache.misses", "{read}", "Reads that found no valid value.", l => l.Misses);
        Counter("cloudstore.cache.sets", "{entry}", "Entries written.", l => l.Sets);
        Counter("cloudstore.cache.evictions", "{entry}", "Entries that went because of a limit.", l => l.Evictions);
        Counter("cloudstore.cache.failures", "{call}", "Calls of a layer that failed or took too long.", l => l.Failures);
        Meter.CreateObservableGauge("cloudstore.cache.entries", () => Layers(l => l.Entries), "{entry}", "Entries a layer holds.");
        Meter.CreateObservableGauge("cloudstore.cache.bytes", () => Layers(l => l.Bytes), "By", "Bytes a layer holds.");
        Meter.CreateObservableGauge("cloudstore.cache.circuit.open", () => _shared.Health.Circuit == "open" ? 1 : 0, description: "1 while Redis counts as away.");
        _factory = Meter.CreateHistogram<double>("cloudstore.cache.factory.duration", "s", "Time a factory took.");
        _duration = Meter.CreateHistogram<double>("cloudstore.cache.read.duration", "s", "Time a read took, by where the value came from; of hits in memory one in 1,024 is timed.");
        memory.Sampled = duration => Read(CacheSource.Memory, duration);
    }

    public Meter Meter { get; } = new("CloudStore.Cache");

    public void FactoryRan(TimeSpan duration) => _factory.Record(duration.TotalSeconds);

    public void Read(CacheSource source, TimeSpan duration) => _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("source", Name(source)));

    public static CacheLayerStats OfMemory(IEnumerable<TenantSpace> spaces)
    {
        var all = spaces.ToList();
        return new CacheLayerStats("memory", all.Sum(s => s.Counters.Hits), all.Sum(s => s.Counters.StaleHits), all.Sum(s => s.Counters.Misses), all.Sum(s => s.Counters.Sets),
            all.Sum(s => s.Counters.Evictions), all.Sum(s => s.Counters.Failures), all.Sum(s => (long)s.Order.Count), all.Sum(s => s.Order.Bytes));
    }

    public void Dispose() => Meter.Dispose();

    private static string Name(CacheSource source) => source switch
    {
        CacheSource.Memory => "memory",
        CacheSource.Redis => "redis",
        CacheSource.Database => "database",
        CacheSource.Factory => "factory",
        _ => "none",
    };

    private void Counter(string name, string unit, string description, Func<CacheLayerStats, long> count) =>
        Meter.CreateObservableCounter(name, () => Layers(l => count(l)), unit, description);

    private IEnumerable<Measurement<long>> Layers(Func<CacheLayerStats, long?> value)
    {
        foreach (var layer in _shared.Health.Layers.Prepend(OfMemory(_memory.Spaces)))
        {
            if (value(layer) is { } measured)
            {
                yield return new Measurement<long>(measured, new KeyValuePair<string, object?>("layer", layer.Layer));
            }
        }
    }
}
