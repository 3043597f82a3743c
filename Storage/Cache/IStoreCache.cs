namespace CloudStore.Storage.Cache;

/// <summary>
/// The cache of one tenant, in layers: this process's memory, and Redis or the database, which all processes share. Safe for concurrent use. A layer that is
/// away makes it slower, not wrong: no call fails because of it. Anything may be gone at any time; nothing is served after it was invalidated, in this
/// process from the moment the call returns, in others within <see cref="CacheOptions.Bound"/>.
/// </summary>
/// <remarks>
/// All methods throw <see cref="ServiceDefaults.Problems.ProblemException"/> of kind validation for an empty or too long key, tag or prefix, too many tags, a value over the limit, or a time to live
/// that is not above zero or longer than <see cref="CacheOptions.LongestDays"/>.
/// </remarks>
public interface IStoreCache
{
    /// <summary>Whose entries these are; other tenants' keys never meet them.</summary>
    string Tenant { get; }

    /// <summary>
    /// The value of a key; made by <paramref name="factory"/> where there is none. Concurrent callers of one key, in all processes, wait for one run of the
    /// factory, or are served the stale value where the options allow one.
    /// </summary>
    ValueTask<T> GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CacheEntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="GetOrCreateAsync"/>, and says where the value came from and whether it is past its time.</summary>
    ValueTask<CacheResult<T>> GetOrCreateResultAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CacheEntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>The value of a key, if there is one.</summary>
    ValueTask<CacheResult<T>> GetAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <returns>False when <paramref name="mode"/> forbade it.</returns>
    ValueTask<bool> SetAsync<T>(string key, T value, CacheEntryOptions? options = null, SetMode mode = SetMode.Always, CancellationToken cancellationToken = default);

    /// <summary>Sets the key where its entry is the one that is expected: of several callers in any process that expect the same one, one sets it.</summary>
    /// <param name="expected">Says whether an entry with that <see cref="CacheResult{T}.ETag"/> is.</param>
    /// <returns>False where there is none, or another.</returns>
    ValueTask<bool> ReplaceAsync<T>(string key, T value, Predicate<string> expected, CacheEntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <returns>True if there was an entry.</returns>
    ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Removes the entry where it is the one that is expected, as <see cref="ReplaceAsync"/> does.</summary>
    ValueTask<bool> RemoveAsync(string key, Predicate<string> expected, CancellationToken cancellationToken = default);

    /// <summary>Gives an entry another time to live, from now on.</summary>
    /// <returns>False when there is none.</returns>
    ValueTask<bool> ExpireAsync(string key, TimeSpan timeToLive, CancellationToken cancellationToken = default);

    /// <summary>Makes every entry that carries the tag invalid; takes the same time however many there are.</summary>
    ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default);

    /// <summary>Makes every entry invalid whose key begins so (ordinal comparison).</summary>
    ValueTask InvalidatePrefixAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>Makes every entry of the tenant invalid.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);

    /// <summary>The entries there are of several keys, in one round trip a layer.</summary>
    ValueTask<IReadOnlyDictionary<string, CacheResult<T>>> GetManyAsync<T>(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Sets several keys in one round trip a layer; each by itself, not all or none.</summary>
    ValueTask SetManyAsync<T>(IReadOnlyDictionary<string, T> values, CacheEntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Adds to a counter atomically; one that is not there begins at 0 and lives as <paramref name="options"/> say.</summary>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">Of kind conflict: the key's value is no counter, or the sum does not fit 64 bits.</exception>
    ValueTask<long> IncrementAsync(string key, long by = 1, CacheEntryOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>What this process has counted for the tenant since it started, and what the layers hold.</summary>
    ValueTask<CacheStats> StatsAsync(CancellationToken cancellationToken = default);
}
