namespace CloudStore.Storage.Cache;

/// <summary>How an entry lives. What is null or not set comes from <see cref="CacheOptions"/>.</summary>
public sealed record CacheEntryOptions
{
    /// <summary>Time to live from the moment it is set.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Time to live since it was last read; together with <see cref="TimeToLive"/> the earlier end holds.</summary>
    public TimeSpan? Sliding { get; init; }

    /// <summary>How long past its time a value may be served while the factory runs or fails; an invalidated one never is.</summary>
    public TimeSpan? ServeStaleFor { get; init; }

    /// <summary>Shortens the time to live by a random share up to this (0 to 1), so that entries set together do not end together.</summary>
    public double? Jitter { get; init; }

    /// <summary>After this the factory is given up: a stale value is served where there is one, else <see cref="TimeoutException"/>.</summary>
    public TimeSpan? FactoryTimeout { get; init; }

    /// <summary>Names under which it can be invalidated together with others.</summary>
    public IReadOnlyCollection<string> Tags { get; init; } = [];

    /// <summary>What goes first when memory is short.</summary>
    public CachePriority Priority { get; init; } = CachePriority.Normal;

    /// <summary>What the entry counts in memory, in bytes; null: its encoded length.</summary>
    public long? Size { get; init; }

    /// <summary>Where it is kept.</summary>
    public CacheLayers Layers { get; init; } = CacheLayers.All;
}

/// <summary>Where an entry is kept.</summary>
[Flags]
public enum CacheLayers
{
    /// <summary>This process's memory.</summary>
    Memory = 1,

    /// <summary>Redis, or the database while it is away.</summary>
    Shared = 2,

    All = Memory | Shared,
}

/// <summary>What goes first when memory is short; within one, what was not read for longest.</summary>
public enum CachePriority
{
    Low,
    Normal,
    High,

    /// <summary>Goes only when its time is over.</summary>
    NeverRemove,
}

/// <summary>Whether a value is set.</summary>
public enum SetMode
{
    Always,

    /// <summary>Only if the key has no entry.</summary>
    NotExists,

    /// <summary>Only if the key has an entry.</summary>
    Exists,
}
