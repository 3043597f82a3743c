using System.Collections.Concurrent;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// The last invalidations of tenants and prefixes. All processes that have read the same log have the same, so that an entry's name may contain its floor.
/// Written by one thread at a time, read by any.
/// </summary>
internal sealed class Floors
{
    /// <summary>A tenant with more prefixes is invalidated as a whole.</summary>
    public const int MostPrefixes = 1_000;

    private readonly ConcurrentDictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private long _base;

    public void Reset(long regimeBase, IReadOnlyList<LogLine> lines)
    {
        _tenants.Clear();
        Volatile.Write(ref _base, regimeBase);
        foreach (var line in lines)
        {
            Apply(line.What, line.Position);
        }
    }

    public void Apply(Invalidation what, long position)
    {
        if (what.Kind is not (InvalidationKind.Tenant or InvalidationKind.Prefix))
        {
            return;
        }

        var tenant = _tenants.GetValueOrDefault(what.Tenant) ?? Tenant.Empty;
        _tenants[what.Tenant] = what.Kind == InvalidationKind.Tenant ? tenant.Cleared(position) : tenant.With(what.Name, position);
    }

    public long Of(string tenant, string key)
    {
        long floor = Volatile.Read(ref _base);
        return _tenants.IsEmpty || !_tenants.TryGetValue(tenant, out var known) ? floor : Math.Max(floor, known.Of(key));
    }

    /// <summary>True where one more prefix would be too many.</summary>
    public bool IsFull(string tenant, string prefix) =>
        _tenants.TryGetValue(tenant, out var known) && known.Prefixes.Count >= MostPrefixes && !known.Prefixes.ContainsKey(prefix);

    private sealed class Tenant
    {
        public static readonly Tenant Empty = new(0, new(StringComparer.Ordinal));
        private readonly long _cleared;
        private readonly int[] _lengths;
        private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        private Tenant(long cleared, Dictionary<string, long> prefixes)
        {
            _cleared = cleared;
            Prefixes = prefixes;
            _lengths = [.. prefixes.Keys.Select(p => p.Length).Distinct()];
            _lookup = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public Dictionary<string, long> Prefixes { get; }

        // A dump of the store gives them in any order: the later of two holds.
        public Tenant Cleared(long position) => position <= _cleared ? this
            : new(position, Prefixes.Where(p => p.Value > position).ToDictionary(StringComparer.Ordinal));

        public Tenant With(string prefix, long position) => position <= Math.Max(_cleared, Prefixes.GetValueOrDefault(prefix)) ? this
            : new(_cleared, new(Prefixes, StringComparer.Ordinal) { [prefix] = position });

        public long Of(string key)
        {
            long floor = _cleared;
            foreach (int length in _lengths)
            {
                if (length <= key.Length && _lookup.TryGetValue(key.AsSpan(0, length), out long position))
                {
                    floor = Math.Max(floor, position);
                }
            }

            return floor;
        }
    }
}
