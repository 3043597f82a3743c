namespace CloudStore.Storage.Cache;

/// <summary>What a process has counted for a tenant since it started, and what its layers hold now.</summary>
/// <param name="Circuit">closed: Redis is used; open: it is away, the database serves; none: there is no Redis.</param>
/// <param name="Generation">Rises, or changes, whenever everything in the shared layer was given up.</param>
/// <param name="FactoryRuns">Runs of factories, failed ones included.</param>
/// <param name="Layers">By layer, nearest first.</param>
public sealed record CacheStats(string Circuit, string Generation, long FactoryRuns, IReadOnlyList<CacheLayerStats> Layers);

/// <summary>Counts of one layer.</summary>
/// <param name="Layer">memory, redis or database.</param>
/// <param name="Hits">Reads that found a fresh value.</param>
/// <param name="StaleHits">Reads answered with a value past its time.</param>
/// <param name="Misses">Reads that found none, or one that is invalid.</param>
/// <param name="Sets">Entries written.</param>
/// <param name="Evictions">Entries that went because of a limit.</param>
/// <param name="Failures">Calls of the layer that failed or took too long.</param>
/// <param name="Entries">Entries it holds; null where counting them would cost too much.</param>
/// <param name="Bytes">Bytes it holds; null likewise.</param>
public sealed record CacheLayerStats(string Layer, long Hits, long StaleHits, long Misses, long Sets, long Evictions, long Failures, long? Entries, long? Bytes);
