namespace CloudStore.Storage.Cache.Memory;

/// <summary>What an entry is good for; the greater the less.</summary>
internal enum Freshness
{
    Fresh,

    /// <summary>Past its time, and still to be served while the factory runs or fails.</summary>
    Stale,

    /// <summary>Never to be served again.</summary>
    Dead,
}

/// <summary>Judges whether an entry may be served.</summary>
internal interface IEntryStrategy
{
    /// <param name="entry">The entry.</param>
    /// <param name="now">A timestamp of the process's monotonic clock.</param>
    Freshness Judge(MemoryEntry entry, long now);
}

/// <summary>By time: absolute, sliding, and the time after them in which it is stale.</summary>
internal sealed class TimeToLiveStrategy : IEntryStrategy
{
    public Freshness Judge(MemoryEntry entry, long now)
    {
        long end = entry.End;
        return now < end ? Freshness.Fresh : now - end < entry.StaleTicks ? Freshness.Stale : Freshness.Dead;
    }
}

/// <summary>By invalidations of its tags, of prefixes of its key and of its tenant: none may be later than the entry's position.</summary>
internal sealed class TagStrategy : IEntryStrategy
{
    public Freshness Judge(MemoryEntry entry, long now)
    {
        var space = entry.Space;
        return entry.Position >= space.Floor && AreValid(entry.Tags, entry.Position) && (entry.PrefixChecked >= space.Prefixes.Last || PassesPrefixes(entry))
            ? Freshness.Fresh : Freshness.Dead;
    }

    /// <summary>The same of what is no entry yet.</summary>
    public static bool IsValid(TenantSpace space, string key, long position, TagState[] tags) =>
        position >= space.Floor && AreValid(tags, position) && !space.Prefixes.Hits(key, position);

    private static bool AreValid(TagState[] tags, long position)
    {
        foreach (var tag in tags)
        {
            if (tag.Position > position)
            {
                return false;
            }
        }

        return true;
    }

    private static bool PassesPrefixes(MemoryEntry entry)
    {
        long last = entry.Space.Prefixes.Last;
        if (entry.Space.Prefixes.Hits(entry.Key, entry.Position))
        {
            return false;
        }

        entry.PrefixChecked = last;
        return true;
    }
}

/// <summary>The worst of what several strategies say.</summary>
internal sealed class CompositeStrategy(params IEntryStrategy[] strategies) : IEntryStrategy
{
    public Freshness Judge(MemoryEntry entry, long now)
    {
        var worst = Freshness.Fresh;
        foreach (var strategy in strategies)
        {
            var one = strategy.Judge(entry, now);
            worst = one > worst ? one : worst;
        }

        return worst;
    }
}
