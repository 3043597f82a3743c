using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Values;

namespace CloudStore.Storage.Cache.Memory;

/// <summary>
/// The layer in this process's memory, of all tenants, within the limits of <see cref="CacheOptions"/>. It is only read while the shared layer says that this process has heard
/// of all invalidations.
/// </summary>
internal sealed class MemoryLayer : IInvalidationSink
{
    // Tenants looked at for the entry to go when all tenants together hold too much.
    private const int Sample = 16;

    // Of so many hits one is timed: the clock costs as much as the rest of a hit.
    private const int SampledHits = 1_024;

    private static readonly TimeToLiveStrategy Time = new();
    private static readonly TagStrategy Tags = new();

    private readonly ConcurrentDictionary<string, TenantSpace> _spaces = new(StringComparer.Ordinal);
    private readonly CacheOptions _options;
    private readonly ISharedCache _shared;
    private readonly TimeProvider _time;
    private readonly ValueCodecs _codecs;
    private readonly CompositeStrategy _rules = new(Time, Tags);
    private readonly MemoryUse _total = new();
    private readonly long _grain;
    private TenantSpace[] _all = [];
    private int _turn;

    public MemoryLayer(CacheOptions options, ISharedCache shared, ValueCodecs codecs, TimeProvider time)
    {
        (_options, _shared, _codecs, _time) = (options, shared, codecs, time);
        _grain = time.TimestampFrequency / 1000;
        shared.Follow(this);
    }

    /// <summary>Told how long a hit took, now and then.</summary>
    public Action<TimeSpan>? Sampled { get; set; }

    public IReadOnlyList<TenantSpace> Spaces => Volatile.Read(ref _all);

    public long Bytes => _total.Bytes;

    public TenantSpace For(string tenant) => _spaces.TryGetValue(tenant, out var space) ? space : Add(tenant);

    /// <summary>The fresh value of a key, as memory has it. Allocates nothing for a value that is kept as an object.</summary>
    public bool TryRead<T>(TenantSpace space, string key, [MaybeNullWhen(false)] out T value) => TryRead(space, key, _time.GetTimestamp(), out value, out _);

    public bool TryRead<T>(TenantSpace space, string key, long now, [MaybeNullWhen(false)] out T value, [NotNullWhen(true)] out MemoryEntry? entry)
    {
        if (space.Entries.TryGetValue(key, out entry) && _shared.IsCurrent(now) && _rules.Judge(entry, now) == Freshness.Fresh && TryTake(entry, out value))
        {
            Note(entry, now);
            if ((space.Counters.Hit() & (SampledHits - 1)) == 0)
            {
                Sampled?.Invoke(_time.GetElapsedTime(now));
            }

            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The value of a key past its time, if it may still be served.</summary>
    public bool TryReadStale<T>(TenantSpace space, string key, [MaybeNullWhen(false)] out T value, [NotNullWhen(true)] out MemoryEntry? entry)
    {
        long now = _time.GetTimestamp();
        if (space.Entries.TryGetValue(key, out entry) && entry.StaleTicks > 0 && _shared.IsCurrent(now) && _rules.Judge(entry, now) == Freshness.Stale)
        {
            return TryTake(entry, out value);
        }

        value = default;
        entry = null;
        return false;
    }

    /// <summary>True for an entry that may be served, as fresh.</summary>
    public bool IsLive([NotNullWhen(true)] MemoryEntry? entry) => entry is not null && _rules.Judge(entry, _time.GetTimestamp()) == Freshness.Fresh;

    /// <summary>The value of an entry as a <typeparamref name="T"/>; false where it is none.</summary>
    public bool TryTake<T>(MemoryEntry entry, [MaybeNullWhen(false)] out T value)
    {
        if (entry.Value is T kept)
        {
            value = kept;
            return true;
        }

        return TryDecode(entry, out value);
    }

    /// <summary>Ends what was begun for a key and keeps its entry, if nothing happened to the key meanwhile and the limits leave room.</summary>
    /// <returns>True if nothing happened to the key.</returns>
    public bool End(TenantSpace space, KeyStamp stamp, MemoryEntry? entry, bool write = false)
    {
        bool fits = entry is not null && HasRoomFor(entry.Size);
        bool untouched = space.End(stamp, fits ? entry : null, write);
        if (untouched && fits)
        {
            MakeRoom(space, entry!);
        }

        return untouched;
    }

    /// <summary>Makes room for an entry that was just added.</summary>
    public void MakeRoom(TenantSpace space, MemoryEntry added)
    {
        long now = _time.GetTimestamp();
        while ((space.Order.Bytes > _options.MemoryBytesPerTenant || space.Order.Count > _options.MemoryEntriesPerTenant) && Evict(space, now))
        {
        }

        while (Bytes > _options.MemoryBytes && FirstToLose(now) is { } loser && Evict(loser, now))
        {
        }

        // What is left may not be removed, so what came last has no room.
        if (space.Order.Bytes > _options.MemoryBytesPerTenant || space.Order.Count > _options.MemoryEntriesPerTenant || Bytes > _options.MemoryBytes)
        {
            space.Drop(added);
            space.Counters.Evict();
        }
    }

    /// <summary>True for an entry that the limits leave room for at all.</summary>
    public bool HasRoomFor(long size) => size <= Math.Min(_options.MemoryBytes, _options.MemoryBytesPerTenant);

    /// <summary>Drops what is over, and the tags that nothing carries any more.</summary>
    public void Sweep()
    {
        long now = _time.GetTimestamp();
        foreach (var space in Spaces)
        {
            foreach (var entry in space.Entries)
            {
                if (_rules.Judge(entry.Value, now) == Freshness.Dead)
                {
                    space.Drop(entry.Value);
                }
            }

            space.Tags.Trim(all: false);
        }
    }

    public void Apply(Invalidation invalidation, long position)
    {
        // Also for a tenant that nobody asked for yet: its first reader may be about to.
        For(invalidation.Tenant).Apply(invalidation, position);
    }

    public void Forget()
    {
        foreach (var space in Spaces)
        {
            space.Forget();
        }
    }

    private bool TryDecode<T>(MemoryEntry entry, [MaybeNullWhen(false)] out T value)
    {
        if (entry.Value is null)
        {
            return _codecs.For<T>().TryDecode(entry.Format, entry.Payload, out value);
        }

        using var writer = new PooledWriter(int.MaxValue);
        byte format = entry.Encoder!.EncodeObject(entry.Value, writer);
        return _codecs.For<T>().TryDecode(format, writer.Written.ToArray(), out value);
    }

    private void Note(MemoryEntry entry, long now)
    {
        // To a millisecond, so that readers on several processors do not pass the entry to and fro.
        if (now - Volatile.Read(ref entry.LastRead) >= _grain)
        {
            Volatile.Write(ref entry.LastRead, now);
            if (entry.SlidingTicks > 0)
            {
                Prolong(entry, now);
            }
        }
    }

    // The shared layer ends what slides by the reads it sees, so it has to see some of those that memory serves.
    private void Prolong(MemoryEntry entry, long now)
    {
        long before = Volatile.Read(ref entry.Touched);
        if (now - before > entry.SlidingTicks / 8 && before != long.MaxValue && Interlocked.CompareExchange(ref entry.Touched, now, before) == before)
        {
            _ = _shared.GetAsync(entry.Space.Tenant, entry.Key, CancellationToken.None).AsTask();
        }
    }

    private static bool Evict(TenantSpace space, long now)
    {
        if (space.Order.TakeVictim(now) is not { } victim)
        {
            return false;
        }

        space.Drop(victim);
        space.Counters.Evict();
        return true;
    }

    private TenantSpace? FirstToLose(long now)
    {
        var spaces = Volatile.Read(ref _all);
        int first = Interlocked.Add(ref _turn, Sample);
        TenantSpace? loser = null;
        var least = (CachePriority.NeverRemove + 1, long.MaxValue);
        for (int i = 0; i < spaces.Length; i++)
        {
            var space = spaces[(int)((uint)(first + i) % (uint)spaces.Length)];
            var next = space.Order.Next(now);
            if (loser is null || next.CompareTo(least) < 0)
            {
                (loser, least) = (space, next);
            }

            if (i >= Sample && least.Item1 <= CachePriority.NeverRemove)
            {
                break;
            }
        }

        return loser;
    }

    private TenantSpace Add(string tenant)
    {
        lock (_spaces)
        {
            if (!_spaces.TryGetValue(tenant, out var space))
            {
                space = new TenantSpace(tenant, _shared, _rules, _total);
                _all = [.. _all, space];
                _spaces[tenant] = space;
            }

            return space;
        }
    }
}
