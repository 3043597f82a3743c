using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Values;

namespace CloudStore.Storage.Cache;

/// <summary>Replaces and removes entries that a caller has seen: in one step where what processes share decides, and under the key's lock where memory alone does.</summary>
internal sealed class CacheSwapper(CacheParts parts)
{
    public async ValueTask<bool> ReplaceAsync<T>(TenantSpace space, string key, T value, Predicate<string> expected, EntryPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(expected);
        parts.Limits.CheckKey(key);
        var tags = await space.Tags.ResolveAsync(plan.Tags, ask: false, cancellationToken);
        if (!parts.HasShared || !plan.WritesShared)
        {
            var entry = parts.Builder.ForMemory(space, new KeyStamp(key, parts.Shared.Position, 0, 0), value, plan, tags);
            entry.Settle();
            return SwapInMemory(space, key, expected, entry, tags);
        }

        return await SwapAsync(space, key, expected, stamp => parts.Builder.ForShared(parts.Builder.ForMemory(space, stamp, value, plan, tags), plan, computed: false), cancellationToken);
    }

    public ValueTask<bool> RemoveAsync(TenantSpace space, string key, Predicate<string> expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(expected);
        parts.Limits.CheckKey(key);
        return parts.HasShared ? SwapAsync(space, key, expected, static _ => null, cancellationToken) : new(SwapInMemory(space, key, expected, null, []));
    }

    // Memory does not keep it: when it was set is decided behind this, and the next read finds it.
    private async ValueTask<bool> SwapAsync(TenantSpace space, string key, Predicate<string> expected, Func<KeyStamp, SharedEntry?> make, CancellationToken cancellationToken)
    {
        var stamp = await space.BeginWriteAsync(key);
        try
        {
            return await parts.Shared.SwapAsync(space.Tenant, key, found => TagOf(found) is { } tag && expected(tag), make(stamp), cancellationToken);
        }
        finally
        {
            space.End(stamp, null, write: true);
        }
    }

    private bool SwapInMemory(TenantSpace space, string key, Predicate<string> expected, MemoryEntry? entry, TagState[] tags)
    {
        bool done = false;
        bool fits = entry is not null && parts.Memory.HasRoomFor(entry.Size);
        space.Change(key, entry, (after, before) =>
        {
            // From before the look: an invalidation in this moment ends what takes the place as well.
            long position = space.PositionFor(tags);
            done = parts.Memory.IsLive(before) && expected(before.ETag);
            if (!done || after is null)
            {
                return done ? null : before;
            }

            (after.Position, after.CreatedAt) = (position, Math.Max(after.CreatedAt, before!.CreatedAt + 1));
            return fits ? after : null;
        });
        if (done && fits)
        {
            parts.Memory.MakeRoom(space, entry!);
        }

        return done;
    }

    private string? TagOf(SharedEntry entry) => EncodedValue.TryOpen(entry.Format, entry.Payload, parts.Options.LargestValueBytes, out var payload)
        ? MemoryEntry.MakeETag(ValueFormat.Kind(entry.Format), entry.CreatedAt, MemoryEntry.Check(payload.Span)) : null;
}
