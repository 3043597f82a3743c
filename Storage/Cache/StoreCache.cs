using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Storage.Cache;

/// <summary>
/// The cache of one tenant: .NET's <see cref="HybridCache"/>, with its documented semantics, and <see cref="IStoreCache"/> with what that lacks. Both see the same entries.
/// </summary>
public sealed partial class StoreCache : HybridCache, IStoreCache
{
    private readonly CacheParts _parts;
    private readonly MemoryLayer _memory;
    private readonly TenantSpace _space;

    internal StoreCache(CacheParts parts, string tenant)
    {
        _parts = parts;
        _memory = parts.Memory;
        _space = parts.Memory.For(tenant);
    }

    public string Tenant => _space.Tenant;

    ValueTask<T> IStoreCache.GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CacheEntryOptions? options, CancellationToken cancellationToken)
    {
        if (options is null || (options.Layers & CacheLayers.Memory) != 0)
        {
            if (_memory.TryRead<T>(_space, key, out var value))
            {
                return new(value);
            }
        }

        return ValueOf(LoadAsync(key, state, factory, _parts.Limits.Plan(options), cancellationToken));
    }

    ValueTask<CacheResult<T>> IStoreCache.GetOrCreateResultAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CacheEntryOptions? options, CancellationToken cancellationToken)
    {
        long now = _parts.Time.GetTimestamp();
        return (options is null || (options.Layers & CacheLayers.Memory) != 0) && _memory.TryRead<T>(_space, key, now, out var value, out var entry)
            ? new(new CacheResult<T>(true, value, false, CacheSource.Memory, _parts.Time.GetElapsedTime(now, entry.End), entry.ETag))
            : LoadAsync(key, state, factory, _parts.Limits.Plan(options), cancellationToken);
    }

    public ValueTask<CacheResult<T>> GetAsync<T>(string key, CancellationToken cancellationToken = default) => _parts.Reader.GetAsync<T>(_space, key, cancellationToken);

    ValueTask<bool> IStoreCache.SetAsync<T>(string key, T value, CacheEntryOptions? options, SetMode mode, CancellationToken cancellationToken) =>
        _parts.Writer.SetAsync(_space, key, value, _parts.Limits.Plan(options), mode, cancellationToken);

    public ValueTask<bool> ReplaceAsync<T>(string key, T value, Predicate<string> expected, CacheEntryOptions? options = null, CancellationToken cancellationToken = default) =>
        _parts.Swapper.ReplaceAsync(_space, key, value, expected, _parts.Limits.Plan(options), cancellationToken);

    ValueTask<bool> IStoreCache.RemoveAsync(string key, CancellationToken cancellationToken) => _parts.Writer.RemoveAsync(_space, key, cancellationToken);

    public ValueTask<bool> RemoveAsync(string key, Predicate<string> expected, CancellationToken cancellationToken = default) =>
        _parts.Swapper.RemoveAsync(_space, key, expected, cancellationToken);

    public ValueTask<bool> ExpireAsync(string key, TimeSpan timeToLive, CancellationToken cancellationToken = default) =>
        _parts.Writer.ExpireAsync(_space, key, timeToLive, cancellationToken);

    public ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        _parts.Limits.CheckTag(tag);
        return _parts.Shared.InvalidateAsync(new Invalidation(InvalidationKind.Tag, Tenant, tag), cancellationToken);
    }

    public ValueTask InvalidatePrefixAsync(string prefix, CancellationToken cancellationToken = default)
    {
        _parts.Limits.CheckKey(prefix, "prefix");
        return _parts.Shared.InvalidateAsync(new Invalidation(InvalidationKind.Prefix, Tenant, prefix), cancellationToken);
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        _parts.Shared.InvalidateAsync(new Invalidation(InvalidationKind.Tenant, Tenant, ""), cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, CacheResult<T>>> GetManyAsync<T>(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        _parts.Reader.GetManyAsync<T>(_space, keys, cancellationToken);

    public ValueTask SetManyAsync<T>(IReadOnlyDictionary<string, T> values, CacheEntryOptions? options = null, CancellationToken cancellationToken = default) =>
        _parts.Writer.SetManyAsync(_space, values, _parts.Limits.Plan(options), cancellationToken);

    public ValueTask<long> IncrementAsync(string key, long by = 1, CacheEntryOptions? options = null, CancellationToken cancellationToken = default) =>
        _parts.Writer.IncrementAsync(_space, key, by, _parts.Limits.Plan(options), cancellationToken);

    public ValueTask<CacheStats> StatsAsync(CancellationToken cancellationToken = default)
    {
        var health = _parts.Shared.Health;
        return new(new CacheStats(health.Circuit, health.Generation, _space.Counters.FactoryRuns, [CacheMetrics.OfMemory([_space]), .. health.Layers]));
    }

    private static async ValueTask<T> ValueOf<T>(ValueTask<CacheResult<T>> result) => (await result).Value!;

    private async ValueTask<CacheResult<T>> LoadAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        _parts.Limits.CheckKey(key);
        if (plan.ReadsMemory)
        {
            _space.Counters.Miss();
        }

        long started = _parts.Time.GetTimestamp();
        var result = await _parts.Loader.LoadAsync(_space, key, state, factory, plan, cancellationToken);
        _parts.Metrics.Read(result.Source, _parts.Time.GetElapsedTime(started));
        return result;
    }
}
