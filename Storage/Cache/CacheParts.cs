using CloudStore.Storage.Cache.Loading;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Values;

namespace CloudStore.Storage.Cache;

/// <summary>What the cache of a process is made of.</summary>
internal sealed class CacheParts
{
    public CacheParts(CacheOptions options, ISharedCache shared, ValueCodecs codecs, TimeProvider time)
    {
        (Options, Shared, Codecs, Time) = (options, shared, codecs, time);
        Limits = new CacheLimits(options);
        Memory = new MemoryLayer(options, shared, codecs, time);
        Builder = new EntryBuilder(options, shared, codecs, time);
        Metrics = new CacheMetrics(Memory, shared);
        Reader = new CacheReader(this);
        Writer = new CacheWriter(this);
        Swapper = new CacheSwapper(this);
        Loader = new Loader(this);
    }

    public CacheOptions Options { get; }

    public ISharedCache Shared { get; }

    /// <summary>False: memory is all there is, and decides what there is.</summary>
    public bool HasShared => Shared is not NoSharedCache;

    public ValueCodecs Codecs { get; }

    public TimeProvider Time { get; }

    public CacheLimits Limits { get; }

    public MemoryLayer Memory { get; }

    public EntryBuilder Builder { get; }

    public CacheMetrics Metrics { get; }

    public CacheReader Reader { get; }

    public CacheWriter Writer { get; }

    public CacheSwapper Swapper { get; }

    public Loader Loader { get; }
}
