using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Cache;

/// <summary>
/// Writes entries: first to the shared layer, then to memory, from which the key is gone meanwhile. Two writes of one key that overlap leave it to the shared layer which of them
/// came last.
/// </summary>
internal sealed class CacheWriter(CacheParts parts)
{
    public async ValueTask<bool> SetAsync<T>(TenantSpace space, string key, T value, EntryPlan plan, SetMode mode, CancellationToken cancellationToken)
    {
        parts.Limits.CheckKey(key);
        var tags = await space.Tags.ResolveAsync(plan.Tags, ask: false, cancellationToken);
        if (!parts.HasShared || !plan.WritesShared)
        {
            return plan.WritesMemory && SetInMemory(space, key, value, plan, tags, mode);
        }

        var stamp = await space.BeginWriteAsync(key);
        MemoryEntry? keep = null;
        try
        {
            var entry = parts.Builder.ForMemory(space, stamp, value, plan, tags);
            bool set = await parts.Shared.SetAsync(space.Tenant, key, parts.Builder.ForShared(entry, plan, computed: false), mode, cancellationToken);
            entry.Settle();
            keep = set && plan.WritesMemory ? entry : null;
            return set;
        }
        finally
        {
            parts.Memory.End(space, stamp, keep, write: true);
        }
    }

    public async ValueTask SetManyAsync<T>(TenantSpace space, IReadOnlyDictionary<string, T> values, EntryPlan plan, CancellationToken cancellationToken)
    {
        foreach (string key in values.Keys)
        {
            parts.Limits.CheckKey(key, "keys");
        }

        var tags = await space.Tags.ResolveAsync(plan.Tags, ask: false, cancellationToken);
        if (!parts.HasShared || !plan.WritesShared)
        {
            foreach (var (key, value) in values)
            {
                SetInMemory(space, key, value, plan, tags, SetMode.Always);
            }

            return;
        }

        var stamps = new List<KeyStamp>(values.Count);
        List<MemoryEntry> keep = [];
        try
        {
            foreach (string key in values.Keys)
            {
                stamps.Add(await space.BeginWriteAsync(key));
            }

            var made = stamps.ConvertAll(stamp => parts.Builder.ForMemory(space, stamp, values[stamp.Key], plan, tags));
            await parts.Shared.SetManyAsync(space.Tenant, made.ConvertAll(e => KeyValuePair.Create(e.Key, parts.Builder.ForShared(e, plan, computed: false))), cancellationToken);
            made.ForEach(e => e.Settle());
            keep = plan.WritesMemory ? made : keep;
        }
        finally
        {
            for (int i = 0; i < stamps.Count; i++)
            {
                parts.Memory.End(space, stamps[i], i < keep.Count ? keep[i] : null, write: true);
            }
        }
    }

    public async ValueTask<bool> RemoveAsync(TenantSpace space, string key, CancellationToken cancellationToken)
    {
        parts.Limits.CheckKey(key);
        bool there = RemoveFromMemory(space, key);
        return parts.HasShared
            ? await WriteAsync(space, key, (parts.Shared, space.Tenant, key), static (s, token) => s.Shared.RemoveAsync(s.Tenant, s.key, token), cancellationToken) || there
            : there;
    }

    public async ValueTask<bool> ExpireAsync(TenantSpace space, string key, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        parts.Limits.CheckKey(key);
        parts.Limits.CheckTime(timeToLive, "ttl");
        bool inMemory = false;
        space.Change(key, timeToLive, (ttl, before) =>
            (inMemory = parts.Memory.IsLive(before) && (before.IsLocal || !parts.HasShared)) ? parts.Builder.Ending(before!, ttl) : before);
        return inMemory || (parts.HasShared && await WriteAsync(space, key, (parts.Shared, space.Tenant, key, At: parts.Shared.Now + Math.Max(1, (long)timeToLive.TotalMilliseconds)),
            static (s, token) => s.Shared.ExpireAsync(s.Tenant, s.key, s.At, token), cancellationToken));
    }

    public ValueTask<long> IncrementAsync(TenantSpace space, string key, long by, EntryPlan plan, CancellationToken cancellationToken)
    {
        parts.Limits.CheckKey(key);
        return plan.Tags.Length == 0 && (!parts.HasShared || !plan.WritesShared) ? new(IncrementInMemory(space, key, by, plan, [])) : IncrementSharedAsync(space, key, by, plan, cancellationToken);
    }

    private async ValueTask<long> IncrementSharedAsync(TenantSpace space, string key, long by, EntryPlan plan, CancellationToken cancellationToken)
    {
        var tags = await space.Tags.ResolveAsync(plan.Tags, ask: false, cancellationToken);
        if (!parts.HasShared || !plan.WritesShared)
        {
            return IncrementInMemory(space, key, by, plan, tags);
        }

        // What lives where it was made is not known here: memory reads it anew.
        return await WriteAsync(space, key, (Parts: parts, space, by, plan), static (s, stamp, token) =>
        {
            var created = s.Parts.Builder.ForMemory(s.space, stamp, s.by, s.plan, []);
            return s.Parts.Shared.IncrementAsync(s.space.Tenant, stamp.Key, s.by, s.Parts.Builder.ForShared(created, s.plan, computed: false), token);
        }, cancellationToken);
    }

    private static ValueTask<TResult> WriteAsync<TState, TResult>(
        TenantSpace space, string key, TState state, Func<TState, CancellationToken, ValueTask<TResult>> write, CancellationToken cancellationToken) =>
        WriteAsync(space, key, (state, write), static (s, _, token) => s.write(s.state, token), cancellationToken);

    private static async ValueTask<TResult> WriteAsync<TState, TResult>(
        TenantSpace space, string key, TState state, Func<TState, KeyStamp, CancellationToken, ValueTask<TResult>> write, CancellationToken cancellationToken)
    {
        var stamp = await space.BeginWriteAsync(key);
        try
        {
            return await write(state, stamp, cancellationToken);
        }
        finally
        {
            space.End(stamp, null, write: true);
        }
    }

    private bool SetInMemory<T>(TenantSpace space, string key, T value, EntryPlan plan, TagState[] tags, SetMode mode)
    {
        var entry = parts.Builder.ForMemory(space, new KeyStamp(key, parts.Shared.Position, 0, 0), value, plan, tags);
        entry.Settle();
        bool set = false;
        bool fits = parts.Memory.HasRoomFor(entry.Size);
        space.Change(key, entry, (after, before) =>
        {
            // An invalidation in this moment ends what was there. For Exists it must end what takes its place as well, so the position is from before the look; for the others the entry is
            // set after every invalidation that what was there has been judged by.
            long position = space.PositionFor(tags);
            set = mode == SetMode.Always || parts.Memory.IsLive(before) == (mode == SetMode.Exists);
            after.Position = mode == SetMode.Exists ? position : space.PositionFor(tags);
            return !set ? before : fits ? after : null;
        });
        if (set && fits)
        {
            parts.Memory.MakeRoom(space, entry);
        }

        return set;
    }

    private bool RemoveFromMemory(TenantSpace space, string key)
    {
        bool there = false;
        space.Change(key, 0, (_, before) =>
        {
            there = parts.Memory.IsLive(before);
            return null;
        });
        return there;
    }

    private long IncrementInMemory(TenantSpace space, string key, long by, EntryPlan plan, TagState[] tags)
    {
        long sum = by;
        MemoryEntry? added = null;
        space.Change(key, 0, (_, before) =>
        {
            bool there = parts.Memory.IsLive(before);
            sum = there ? Sum(before!, key, by) : by;
            added = parts.Builder.ForMemory(space, new KeyStamp(key, space.PositionFor(tags), 0, 0), sum, plan, tags);
            added.Settle();
            return there ? added = added.Replacing(before!) : added;
        });
        parts.Memory.MakeRoom(space, added!);
        return sum;
    }

    private long Sum(MemoryEntry entry, string key, long by)
    {
        if (!parts.Memory.TryTake<long>(entry, out long before) || entry.Format != Values.ValueFormat.Counter)
        {
            throw ProblemException.ForField(ProblemKind.Conflict, "key", "counter", $"The value of the key '{key}' is no counter.");
        }

        try
        {
            return checked(before + by);
        }
        catch (OverflowException)
        {
            throw ProblemException.ForField(ProblemKind.Conflict, "by", "64-bits", $"The counter '{key}' is at {before}; adding {by} does not fit 64 bits.");
        }
    }
}
