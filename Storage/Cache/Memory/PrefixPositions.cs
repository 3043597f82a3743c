namespace CloudStore.Storage.Cache.Memory;

/// <summary>
/// The prefixes of a tenant's keys that were invalidated. An entry is compared with all of them once after each invalidation and then remembers that it was, so that
/// a read usually compares one number.
/// </summary>
internal sealed class PrefixPositions
{
    /// <summary>The most prefixes kept; of more, the earlier half is treated as if all keys had been meant.</summary>
    public const int Most = 256;

    private (string Prefix, long Position)[] _prefixes = [];
    private long _last;
    private long _floor;

    /// <summary>Entries whose position is below this are invalid whatever their keys.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>Of the last invalidation.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Called by one thread at a time.</summary>
    public void Apply(string prefix, long position)
    {
        var others = _prefixes.Where(p => !p.Prefix.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (others.Count >= Most)
        {
            Volatile.Write(ref _floor, Math.Max(_floor, others[(Most / 2) - 1].Position));
            others.RemoveRange(0, Most / 2);
        }

        Volatile.Write(ref _prefixes, [.. others, (prefix, position)]);
        Volatile.Write(ref _last, position);
    }

    /// <summary>True if a prefix of the key was invalidated after <paramref name="position"/>.</summary>
    public bool Hits(string key, long position)
    {
        if (position < Floor)
        {
            return true;
        }

        foreach (var (prefix, at) in Volatile.Read(ref _prefixes))
        {
            if (at > position && key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public void Forget()
    {
        Volatile.Write(ref _prefixes, []);
        Volatile.Write(ref _floor, 0);
        Volatile.Write(ref _last, 0);
    }
}
