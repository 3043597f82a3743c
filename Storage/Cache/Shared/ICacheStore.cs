namespace CloudStore.Storage.Cache.Shared;

/// <summary>A store that may hold the entries and the log. Its methods throw <see cref="StoreAwayException"/> and <see cref="StoreMovedException"/> alone.</summary>
internal interface ICacheStore
{
    CacheSource Source { get; }

    /// <summary>The entry, a stale one too.</summary>
    ValueTask<SharedEntry?> GetAsync(Place place, CancellationToken cancellationToken);

    ValueTask<SharedEntry?[]> GetManyAsync(Place[] places, CancellationToken cancellationToken);

    /// <summary>Sets the entry and appends its line; returns when both are done. A stale entry counts as there.</summary>
    Task<bool> SetAsync(Place place, SharedEntry entry, SetMode mode, CancellationToken cancellationToken);

    Task SetManyAsync(IReadOnlyList<KeyValuePair<Place, SharedEntry>> entries, CancellationToken cancellationToken);

    /// <summary>Puts another entry in the place of one that was read, if it is still there; appends its line.</summary>
    Task<bool> ReplaceAsync(Place place, SharedEntry found, SharedEntry entry, CancellationToken cancellationToken);

    /// <summary>Removes an entry that was read, if it is still there; appends its line.</summary>
    Task<bool> RemoveAsync(Place place, SharedEntry found, CancellationToken cancellationToken);

    /// <summary>Removes the entry and appends its line.</summary>
    /// <returns>What was removed.</returns>
    Task<SharedEntry?> RemoveAsync(Place place, CancellationToken cancellationToken);

    /// <summary>Adds to a plain counter, making it where there is no entry; appends its line.</summary>
    /// <returns>The sum; null where there is an entry of another kind, or the sum does not fit.</returns>
    Task<long?> IncrementAsync(Place place, long by, SharedEntry created, CancellationToken cancellationToken);

    /// <summary>Appends to the log; the page's lines are what the process did not know, its position the last one appended.</summary>
    Task AppendAsync(long generation, LogEntry entry, CancellationToken cancellationToken);

    /// <summary>The positions of the last invalidations of tags; 0 for none.</summary>
    Task<long[]> TagPositionsAsync(long generation, string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken);

    /// <returns>False where another holds it.</returns>
    Task<bool> TryLeaseAsync(Place place, string token, TimeSpan duration, CancellationToken cancellationToken);

    Task ReleaseAsync(Place place, string token);
}

/// <summary>The store cannot be used. Whether a write was carried out is not known.</summary>
internal sealed class StoreAwayException(string reason, Exception? inner = null) : Exception(reason, inner);

/// <summary>The store is in another generation: what was written will not be found.</summary>
internal sealed class StoreMovedException() : Exception("The store is in another generation.");
