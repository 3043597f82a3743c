using System.Collections.Concurrent;

namespace CloudStore.Storage.Access;

/// <summary>
/// Keys that were looked up lately, by id. Bounded: unknown ids, which strangers choose, are kept apart from real keys, so that a flood of them
/// cannot push those out.
/// </summary>
internal sealed class KeyCache
{
    /// <summary>How long a key that exists is trusted to be unchanged: other processes see a revocation after this time at the latest, and much earlier where they hear of it.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(30);

    /// <summary>How long an id that does not exist is refused without asking the database.</summary>
    public static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(5);

    private const int Capacity = 10_000;
    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry> _unknown = new(StringComparer.Ordinal);
    private long _generation;
    private long _epoch;

    /// <summary>Rises with every <see cref="Drop"/>. What was read from the database before one must not be added after it.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Rises with every <see cref="Doubt"/>; what was read before one is not fresh after it.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public Entry? Find(ReadOnlySpan<char> id, long now)
    {
        if (!_known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var entry))
        {
            _unknown.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out entry);
        }

        return entry?.FreshUntil > now && entry.Epoch == Epoch ? entry : null;
    }

    /// <summary>A key that was known until lately, for a time when the database cannot be asked; null for one that was never seen or not since <paramref name="after"/>.</summary>
    public Entry? FindStale(string id, long after) => _known.TryGetValue(id, out var entry) && entry.FreshUntil > after ? entry : null;

    /// <summary>Keeps an entry read at <paramref name="generation"/>; does nothing where a key was dropped since.</summary>
    public void Add(string id, Entry entry, long generation)
    {
        var entries = entry.Caller is null ? _unknown : _known;
        if (entries.Count >= Capacity)
        {
            entries.Clear();
        }

        if (entries.TryGetValue(id, out var before))
        {
            entry.CarryUse(before);
        }

        entries[id] = entry;
        if (generation != Generation)
        {
            // Looked at after adding: either this sees the drop, or the drop sees the entry.
            entries.TryRemove(new KeyValuePair<string, Entry>(id, entry));
        }
    }

    public void Drop(string id)
    {
        Interlocked.Increment(ref _generation);
        _known.TryRemove(id, out _);
        _unknown.TryRemove(id, out _);
    }

    public void Doubt() => Interlocked.Increment(ref _epoch);

    /// <summary>A looked-up id. Times are UTC ticks.</summary>
    /// <param name="caller">Null for an id that does not exist.</param>
    internal sealed class Entry(Caller? caller, byte[] secretHash, long expiresAt, bool revoked, long freshUntil, long lastUsed)
    {
        private long _lastUsed = lastUsed;

        public Caller? Caller { get; } = caller;

        public byte[] SecretHash { get; } = secretHash;

        public long ExpiresAt { get; } = expiresAt;

        public bool Revoked { get; } = revoked;

        public long FreshUntil { get; } = freshUntil;

        /// <summary><see cref="KeyCache.Epoch"/> from before it was read.</summary>
        public long Epoch { get; set; }

        /// <summary>Do not ask for it before this instant: the database did not answer lately.</summary>
        public long AskAfter { get; set; }

        /// <summary>True for one caller in each <paramref name="interval"/>: that one records the use.</summary>
        public bool TakeUse(long now, TimeSpan interval)
        {
            long before = Volatile.Read(ref _lastUsed);
            return now - before >= interval.Ticks && Interlocked.CompareExchange(ref _lastUsed, now, before) == before;
        }

        public void CarryUse(Entry before) => _lastUsed = Math.Max(_lastUsed, Volatile.Read(ref before._lastUsed));
    }
}
