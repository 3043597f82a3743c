namespace CloudStore.Storage.Cache.Memory;

/// <summary>
/// Chooses who goes when memory is short: what is over, then of the lowest priority what was not read for longest. A read only notes its time; the order is put right here, when
/// someone has to go: entries at the list's end that were read since they were listed move to the front, until <see cref="Window"/> that were not have been seen, and the one
/// read least lately goes. For up to that many entries this is exact, beyond it an approximation that costs readers nothing.
/// </summary>
internal sealed class LruStrategy(IEntryStrategy judge, MemoryUse total)
{
    public const int Window = 16;

    private const int MostSteps = 8 * Window;

    private readonly Lock _gate = new();
    private readonly (MemoryEntry? Newest, MemoryEntry? Oldest)[] _lists = new (MemoryEntry?, MemoryEntry?)[(int)CachePriority.NeverRemove + 1];
    private long _bytes;
    private int _count;

    public long Bytes => Volatile.Read(ref _bytes);

    public int Count => Volatile.Read(ref _count);

    /// <returns>False when the entry has been removed meanwhile.</returns>
    public bool Add(MemoryEntry entry)
    {
        lock (_gate)
        {
            if (entry.State != MemoryEntry.ListState.New)
            {
                return false;
            }

            entry.State = MemoryEntry.ListState.Listed;
            Link(entry);
            _bytes += entry.Size;
            total.Add(entry.Size);
            _count++;
            foreach (var tag in entry.Tags)
            {
                Interlocked.Increment(ref tag.References);
            }

            return true;
        }
    }

    /// <returns>True for the one call that took it out.</returns>
    public bool Remove(MemoryEntry entry)
    {
        lock (_gate)
        {
            return Take(entry);
        }
    }

    /// <summary>Takes out the entry that goes first; null when all are to stay.</summary>
    public MemoryEntry? TakeVictim(long now)
    {
        lock (_gate)
        {
            var victim = Choose(now);
            if (victim is not null)
            {
                Take(victim);
            }

            return victim;
        }
    }

    /// <summary>How soon this list's next victim should go, for comparison with those of others: the smaller the sooner.</summary>
    public (CachePriority Priority, long LastRead) Next(long now)
    {
        lock (_gate)
        {
            return Choose(now) is { } victim ? (victim.Priority, victim.LastRead) : (CachePriority.NeverRemove + 1, long.MaxValue);
        }
    }

    private MemoryEntry? Choose(long now)
    {
        for (var priority = CachePriority.Low; priority <= CachePriority.NeverRemove; priority++)
        {
            if (FindDead(priority, now) is { } dead)
            {
                return dead;
            }
        }

        for (var priority = CachePriority.Low; priority < CachePriority.NeverRemove; priority++)
        {
            if (FindLeast(priority) is { } least)
            {
                return least;
            }
        }

        return null;
    }

    private MemoryEntry? FindDead(CachePriority priority, long now)
    {
        var entry = _lists[(int)priority].Oldest;
        for (int i = 0; i < Window && entry is not null; i++, entry = entry.Newer)
        {
            if (judge.Judge(entry, now) == Freshness.Dead)
            {
                return entry;
            }
        }

        return null;
    }

    // What was read since it was listed moves to the front and makes room at the end for what was not.
    private MemoryEntry? FindLeast(CachePriority priority)
    {
        MemoryEntry? least = null;
        var entry = _lists[(int)priority].Oldest;
        for (int steps = 0, unread = 0; steps < MostSteps && unread < Window && entry is not null; steps++)
        {
            var (candidate, newer) = (entry, entry.Newer);
            long read = Volatile.Read(ref candidate.LastRead);
            least = least is null || read < least.LastRead ? candidate : least;
            if (read > candidate.ListedAt)
            {
                Unlink(candidate);
                Link(candidate);
            }
            else
            {
                unread++;
            }

            entry = newer;
        }

        return least;
    }

    private bool Take(MemoryEntry entry)
    {
        bool listed = entry.State == MemoryEntry.ListState.Listed;
        entry.State = MemoryEntry.ListState.Gone;
        if (!listed)
        {
            return false;
        }

        Unlink(entry);
        _bytes -= entry.Size;
        total.Add(-entry.Size);
        _count--;
        foreach (var tag in entry.Tags)
        {
            Interlocked.Decrement(ref tag.References);
        }

        return true;
    }

    private void Link(MemoryEntry entry)
    {
        ref var list = ref _lists[(int)entry.Priority];
        entry.ListedAt = entry.LastRead;
        entry.Older = list.Newest;
        entry.Newer = null;
        if (list.Newest is { } before)
        {
            before.Newer = entry;
        }

        list.Newest = entry;
        list.Oldest ??= entry;
    }

    private void Unlink(MemoryEntry entry)
    {
        ref var list = ref _lists[(int)entry.Priority];
        if (entry.Newer is { } newer)
        {
            newer.Older = entry.Older;
        }
        else
        {
            list.Newest = entry.Older;
        }

        if (entry.Older is { } older)
        {
            older.Newer = entry.Newer;
        }
        else
        {
            list.Oldest = entry.Newer;
        }

        entry.Newer = null;
        entry.Older = null;
    }
}

/// <summary>Bytes that all lists of a process hold together.</summary>
internal sealed class MemoryUse
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
