using System.Collections.Concurrent;
using CloudStore.Storage.Cache.Loading;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Cache.Memory;

/// <summary>What this process's memory holds of one tenant: entries, tags, and the keys that are being worked on.</summary>
internal sealed class TenantSpace
{
    private const int Stripes = 32;
    private readonly KeyStripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new KeyStripe())];
    private readonly ISharedCache _shared;
    private long _floor;
    private long _epoch;

    public TenantSpace(string tenant, ISharedCache shared, IEntryStrategy judge, MemoryUse total)
    {
        Tenant = tenant;
        _shared = shared;
        Tags = new TagTable(tenant, shared);
        Order = new LruStrategy(judge, total);
    }

    public string Tenant { get; }

    public ConcurrentDictionary<string, MemoryEntry> Entries { get; } = new(StringComparer.Ordinal);

    public TagTable Tags { get; }

    public PrefixPositions Prefixes { get; } = new();

    public LruStrategy Order { get; }

    public FlightTable Flights { get; } = new();

    public MemoryCounters Counters { get; } = new();

    /// <summary>Of the last invalidation of the whole tenant.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>To be called before a key's value is read or computed; each call is followed by <see cref="End"/>.</summary>
    public KeyStamp BeginRead(string key) => Begin(key, write: false);

    /// <summary>
    /// The same for a write; from now until its end nobody reads the key's value from memory, and nothing computed is stored: what was being stored already is waited for, so
    /// that it cannot come after the write.
    /// </summary>
    public ValueTask<KeyStamp> BeginWriteAsync(string key)
    {
        var stamp = Begin(key, write: true);
        Task? storing;
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            storing = stripe.Storing(key);
        }

        return storing is null ? new(stamp) : WaitAsync(stamp, storing);

        static async ValueTask<KeyStamp> WaitAsync(KeyStamp stamp, Task storing)
        {
            await storing;
            return stamp;
        }
    }

    /// <summary>Runs <paramref name="store"/>, unless the key was written since; writers wait until it has ended.</summary>
    public async ValueTask<bool> TryStoreAsync(KeyStamp stamp, Func<ValueTask<bool>> store)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stripe = StripeOf(stamp.Key);
        lock (stripe.Gate)
        {
            if (Volatile.Read(ref _epoch) != stamp.Epoch || !stripe.TryStore(stamp.Key, stamp.Version, done.Task))
            {
                return false;
            }
        }

        try
        {
            return await store();
        }
        finally
        {
            lock (stripe.Gate)
            {
                stripe.Stored(stamp.Key);
            }

            done.SetResult();
        }
    }

    /// <summary>The same key as of now, for what is read or computed from now on.</summary>
    public KeyStamp Renew(KeyStamp stamp)
    {
        long epoch = Volatile.Read(ref _epoch);
        long position = _shared.Position;
        var stripe = StripeOf(stamp.Key);
        lock (stripe.Gate)
        {
            return stamp with { Position = position, Epoch = epoch, Version = stripe.Version(stamp.Key) };
        }
    }

    /// <summary>True while nothing happened to the key itself since.</summary>
    public bool IsUntouched(KeyStamp stamp)
    {
        var stripe = StripeOf(stamp.Key);
        lock (stripe.Gate)
        {
            return stripe.Version(stamp.Key) == stamp.Version && Volatile.Read(ref _epoch) == stamp.Epoch;
        }
    }

    /// <summary>Ends what <see cref="BeginRead"/> or <see cref="BeginWriteAsync"/> began.</summary>
    /// <returns>True if nothing has happened to the key meanwhile; <paramref name="entry"/> is in memory then, if it is still valid.</returns>
    public bool End(KeyStamp stamp, MemoryEntry? entry, bool write = false)
    {
        var stripe = StripeOf(stamp.Key);
        lock (stripe.Gate)
        {
            bool untouched = stripe.End(stamp.Key, stamp.Version, write) && Volatile.Read(ref _epoch) == stamp.Epoch;
            // What is invalid already must not take the place of what was made since.
            if (untouched && entry is not null && TagStrategy.IsValid(this, entry.Key, entry.Position, entry.Tags))
            {
                Put(entry);
            }

            return untouched;
        }
    }

    /// <summary>
    /// One step from looking at what is there to putting something in its place, for entries that only memory keeps. <paramref name="change"/> gets the entry of the key and
    /// returns what is to be there instead.
    /// </summary>
    public void Change<TState>(string key, TState state, Func<TState, MemoryEntry?, MemoryEntry?> change)
    {
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            Entries.TryGetValue(key, out var before);
            var after = change(state, before);
            if (after is not null && after == before)
            {
                return;
            }

            // Also where there was nothing: what is being computed now is older than this.
            stripe.Touch(key);
            if (after is not null)
            {
                Put(after);
            }
            else if (before is not null)
            {
                Drop(before);
            }
        }
    }

    /// <summary>The position of what is set now with these tags: that of the last invalidation applied, of which the log may not have told yet.</summary>
    public long PositionFor(TagState[] tags)
    {
        long position = Math.Max(Math.Max(_shared.Position, Floor), Prefixes.Last);
        foreach (var tag in tags)
        {
            position = Math.Max(position, tag.Position is var at and < long.MaxValue ? at : 0);
        }

        return position;
    }

    public void Drop(MemoryEntry entry)
    {
        Entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
        Order.Remove(entry);
    }

    public void Apply(Invalidation invalidation, long position)
    {
        switch (invalidation.Kind)
        {
            case InvalidationKind.Key:
                Touch(invalidation.Name);
                break;
            case InvalidationKind.Tag:
                Tags.Apply(invalidation.Name, position);
                break;
            case InvalidationKind.Prefix:
                Prefixes.Apply(invalidation.Name, position);
                break;
            default:
                Volatile.Write(ref _floor, position);
                break;
        }
    }

    /// <summary>Drops everything, and what is being read or computed will not be kept.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _epoch);
        foreach (var stripe in _stripes)
        {
            lock (stripe.Gate)
            {
                stripe.TouchAll();
            }
        }

        // Whoever held a lock has finished, and sees the new epoch from now on.
        foreach (var entry in Entries)
        {
            Drop(entry.Value);
        }

        Tags.Trim(all: true);
        Prefixes.Forget();
        Volatile.Write(ref _floor, 0);
    }

    private KeyStamp Begin(string key, bool write)
    {
        long epoch = Volatile.Read(ref _epoch);
        long position = _shared.Position;
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            if (write && Entries.TryGetValue(key, out var before))
            {
                Drop(before);
            }

            return new KeyStamp(key, position, epoch, stripe.Begin(key, write));
        }
    }

    private void Touch(string key)
    {
        var stripe = StripeOf(key);
        lock (stripe.Gate)
        {
            stripe.Touch(key);
            if (Entries.TryGetValue(key, out var entry))
            {
                Drop(entry);
            }
        }
    }

    // In this order: what is in the dictionary and not in the list yet can be dropped, and is then not listed.
    private void Put(MemoryEntry entry)
    {
        if (Entries.TryGetValue(entry.Key, out var before))
        {
            Order.Remove(before);
        }

        Entries[entry.Key] = entry;
        Order.Add(entry);
        Counters.Set();
    }

    private KeyStripe StripeOf(string key) => _stripes[(uint)key.GetHashCode(StringComparison.Ordinal) % Stripes];
}
