namespace CloudStore.Storage.Cache.Shared;

/// <summary>An entry as the shared layers keep it. Times are milliseconds on <see cref="ISharedCache.Now"/>.</summary>
public sealed record SharedEntry
{
    /// <summary>The value as <see cref="Format"/> says.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>How <see cref="Payload"/> is to be read: <see cref="Values.ValueFormat"/>. Of the shared layers' concern is only the counter.</summary>
    public byte Format { get; init; }

    /// <summary><see cref="ISharedCache.Position"/> from before the value was read or computed.</summary>
    public required long Position { get; init; }

    /// <summary>When it was set.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>From when on it is stale.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Milliseconds past <see cref="ExpiresAt"/> that it may be served stale; after them the layer removes it.</summary>
    public long StaleFor { get; init; }

    /// <summary>Milliseconds since the last read after which it ends; 0: it does not slide. Reading through <see cref="ISharedCache.GetAsync"/> prolongs it, not beyond <see cref="ExpiresAt"/>.</summary>
    public long Sliding { get; init; }

    /// <summary>The names it is invalidated under.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>
    /// True: the value came from a factory, and is refused where the key was set or removed at a position above <see cref="Position"/>: what the factory read is older than that.
    /// False: a caller set it, and what a caller sets wins.
    /// </summary>
    public bool Computed { get; init; }

    /// <summary>The layer it was read from.</summary>
    public CacheSource Source { get; init; }
}
