namespace CloudStore.Storage.Cache.Shared;

/// <summary>The state and the counts of the shared layers in this process.</summary>
/// <param name="Circuit">closed, open or none.</param>
/// <param name="Generation">Names what the shared layer holds; another one: all of it was given up.</param>
/// <param name="Layers">Redis and the database, as far as they are there.</param>
public sealed record SharedHealth(string Circuit, string Generation, IReadOnlyList<CacheLayerStats> Layers);
