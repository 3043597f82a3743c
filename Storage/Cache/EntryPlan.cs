using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Storage.Cache;

/// <summary>What a call is to do, with every default filled in and every limit checked.</summary>
internal sealed record EntryPlan
{
    public required TimeSpan TimeToLive { get; init; }

    /// <summary>Where it is shorter than <see cref="TimeToLive"/>: how long this process's memory keeps the entry.</summary>
    public TimeSpan MemoryTimeToLive { get; init; } = TimeSpan.MaxValue;

    /// <summary>Zero: it does not slide.</summary>
    public TimeSpan Sliding { get; init; }

    public TimeSpan StaleFor { get; init; }

    public TimeSpan? FactoryTimeout { get; init; }

    public double Jitter { get; init; }

    public string[] Tags { get; init; } = [];

    public CachePriority Priority { get; init; } = CachePriority.Normal;

    public long? Size { get; init; }

    /// <summary>What of the layers and the factory this call leaves out.</summary>
    public HybridCacheEntryFlags Without { get; init; }

    public bool ReadsMemory => (Without & HybridCacheEntryFlags.DisableLocalCacheRead) == 0;

    public bool WritesMemory => (Without & HybridCacheEntryFlags.DisableLocalCacheWrite) == 0;

    public bool ReadsShared => (Without & HybridCacheEntryFlags.DisableDistributedCacheRead) == 0;

    public bool WritesShared => (Without & HybridCacheEntryFlags.DisableDistributedCacheWrite) == 0;

    public bool RunsFactory => (Without & HybridCacheEntryFlags.DisableUnderlyingData) == 0;

    public bool Compresses => (Without & HybridCacheEntryFlags.DisableCompression) == 0;
}
