using CloudStore.Storage.Cache.Loading;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Values;

namespace CloudStore.Storage.Cache;

/// <summary>Reads entries: from memory, else from the shared layer, keeping in memory what that had.</summary>
internal sealed class CacheReader(CacheParts parts)
{
    public ValueTask<CacheResult<T>> GetAsync<T>(TenantSpace space, string key, CancellationToken cancellationToken)
    {
        long now = parts.Time.GetTimestamp();
        if (parts.Memory.TryRead<T>(space, key, now, out var value, out var entry))
        {
            return new(Hit(value, entry, now));
        }

        parts.Limits.CheckKey(key);
        space.Counters.Miss();
        return parts.HasShared ? GetSharedAsync<T>(space, key, cancellationToken) : default;
    }

    public async ValueTask<IReadOnlyDictionary<string, CacheResult<T>>> GetManyAsync<T>(TenantSpace space, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, CacheResult<T>>(keys.Count, StringComparer.Ordinal);
        var missing = new List<string>();
        long now = parts.Time.GetTimestamp();
        foreach (string key in keys.Distinct(StringComparer.Ordinal))
        {
            parts.Limits.CheckKey(key, "keys");
            if (parts.Memory.TryRead<T>(space, key, now, out var value, out var entry))
            {
                found.Add(key, Hit(value, entry, now));
            }
            else
            {
                missing.Add(key);
                space.Counters.Miss();
            }
        }

        if (missing.Count > 0 && parts.HasShared)
        {
            await GetSharedAsync(space, missing, found, cancellationToken);
        }

        return found;
    }

    /// <summary>What an entry of the shared layer is worth here: null where it is over, was invalidated, or cannot be read as a <typeparamref name="T"/>.</summary>
    public async ValueTask<Loaded<T>?> AcceptAsync<T>(TenantSpace space, string key, SharedEntry entry, EntryPlan plan, CancellationToken cancellationToken)
    {
        long left = entry.ExpiresAt - parts.Shared.Now;
        if (left + entry.StaleFor <= 0)
        {
            return null;
        }

        bool unsure = !parts.Shared.IsCurrent(parts.Time.GetTimestamp());
        var tags = await space.Tags.ResolveAsync(entry.Tags, ask: unsure, cancellationToken);
        if (!TagStrategy.IsValid(space, key, entry.Position, tags))
        {
            return null;
        }

        if (!EncodedValue.TryOpen(entry.Format, entry.Payload, parts.Options.LargestValueBytes, out var payload)
            || !parts.Codecs.For<T>().TryDecode(entry.Format, payload, out var value))
        {
            space.Counters.Fail();
            return null;
        }

        var kept = parts.Builder.ForMemory(space, key, entry, value, payload, plan, tags);
        return new Loaded<T>(true, value, left > 0 ? Freshness.Fresh : Freshness.Stale, entry.Source, kept);
    }

    private async ValueTask<CacheResult<T>> GetSharedAsync<T>(TenantSpace space, string key, CancellationToken cancellationToken)
    {
        var stamp = space.BeginRead(key);
        MemoryEntry? keep = null;
        long started = parts.Time.GetTimestamp();
        try
        {
            var entry = await parts.Shared.GetAsync(space.Tenant, key, cancellationToken);
            var loaded = entry is null ? null : await AcceptAsync<T>(space, key, entry, parts.Limits.Default, cancellationToken);
            keep = loaded?.Entry;
            parts.Metrics.Read(loaded?.Source ?? CacheSource.None, parts.Time.GetElapsedTime(started));
            return Result(loaded);
        }
        finally
        {
            parts.Memory.End(space, stamp, keep);
        }
    }

    private async ValueTask GetSharedAsync<T>(TenantSpace space, List<string> keys, Dictionary<string, CacheResult<T>> found, CancellationToken cancellationToken)
    {
        var stamps = keys.ConvertAll(space.BeginRead);
        var keep = new MemoryEntry?[keys.Count];
        try
        {
            var entries = await parts.Shared.GetManyAsync(space.Tenant, keys, cancellationToken);
            await space.Tags.ResolveAsync([.. entries.SelectMany(e => e?.Tags ?? []).Distinct(StringComparer.Ordinal)], ask: false, cancellationToken);
            for (int i = 0; i < entries.Length; i++)
            {
                var loaded = entries[i] is { } entry ? await AcceptAsync<T>(space, keys[i], entry, parts.Limits.Default, cancellationToken) : null;
                keep[i] = loaded?.Entry;
                if (Result(loaded) is { Found: true } result)
                {
                    found.Add(keys[i], result);
                }
            }
        }
        finally
        {
            for (int i = 0; i < stamps.Count; i++)
            {
                parts.Memory.End(space, stamps[i], keep[i]);
            }
        }
    }

    private CacheResult<T> Hit<T>(T value, MemoryEntry entry, long now) =>
        new(true, value, false, CacheSource.Memory, parts.Time.GetElapsedTime(now, entry.End), entry.ETag);

    // Without a factory that runs or fails there is no reason to serve a stale one.
    private CacheResult<T> Result<T>(Loaded<T>? loaded) => loaded is not { Freshness: Freshness.Fresh }
        ? default : new CacheResult<T>(true, loaded.Value, false, loaded.Source, parts.Builder.Left(loaded.Entry), loaded.Entry!.ETag);
}
