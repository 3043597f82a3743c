namespace CloudStore.Storage.Cache.Memory;

/// <summary>A tag's last invalidation as this process knows it. The entries that carry the tag hold this, so that one comparison says whether they are valid.</summary>
internal sealed class TagState(string name)
{
    private volatile bool _known;
    private long _position;

    public string Name { get; } = name;

    /// <summary>False until the shared layer was asked for the invalidations of before this process knew the tag.</summary>
    public bool IsKnown
    {
        get => _known;
        set => _known = value;
    }

    /// <summary>Entries in memory that carry the tag.</summary>
    public int References;

    public long Position => Volatile.Read(ref _position);

    /// <summary>Positions only rise.</summary>
    public void Raise(long position)
    {
        long before;
        while ((before = Volatile.Read(ref _position)) < position && Interlocked.CompareExchange(ref _position, position, before) != before)
        {
        }
    }

    /// <summary>What still holds this will not hear of invalidations any more, so it is invalid from now on.</summary>
    public void Retire() => Volatile.Write(ref _position, long.MaxValue);
}
