using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Storage.Cache;

// What HybridCache documents and its own implementation does: a key that cannot be used leaves the call without a cache instead of failing it, and the tag * means every entry.
public sealed partial class StoreCache
{
    private const string AnyTag = "*";

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if ((options?.Flags & HybridCacheEntryFlags.DisableLocalCacheRead) is not HybridCacheEntryFlags.DisableLocalCacheRead && key is not null
            && _memory.TryRead<T>(_space, key, out var value))
        {
            return new(value);
        }

        var plan = _parts.Limits.Plan(options, tags);
        return _parts.Limits.IsUsable(key) ? ValueOf(LoadAsync(key!, state, factory, plan, cancellationToken))
            : plan.RunsFactory ? factory(state, cancellationToken) : default;
    }

    public override async ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        var plan = _parts.Limits.Plan(options, tags);
        if (_parts.Limits.IsUsable(key))
        {
            await _parts.Writer.SetAsync(_space, key, value, plan, SetMode.Always, cancellationToken);
        }
    }

    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        if (_parts.Limits.IsUsable(key))
        {
            await _parts.Writer.RemoveAsync(_space, key, cancellationToken);
        }
    }

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        string.IsNullOrWhiteSpace(tag) ? ValueTask.CompletedTask : tag == AnyTag ? ClearAsync(cancellationToken) : InvalidateTagAsync(tag, cancellationToken);
}
