namespace CloudStore.Storage.Cache.Shared;

/// <summary>A line of the log.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Origin">The process that wrote it and need not hear of it; 0: all hear.</param>
/// <param name="What">What became invalid.</param>
internal readonly record struct LogLine(long Position, long Origin, Invalidation What);

/// <summary>What is to be appended.</summary>
/// <param name="What">What became invalid.</param>
/// <param name="Heard">True where the writing process hears of it too.</param>
internal readonly record struct LogEntry(Invalidation What, bool Heard);

/// <summary>What a store's log had for one look.</summary>
internal sealed record LogPage
{
    /// <summary>When it was asked for, as Stopwatch counts.</summary>
    public required long Started { get; init; }

    /// <summary>The store's generation; 0 where it has none.</summary>
    public required long Generation { get; init; }

    /// <summary>False: the store is not the one that began the generation, or has lost a part of it.</summary>
    public bool Sound { get; init; } = true;

    /// <summary>The last line's place.</summary>
    public long Position { get; init; }

    /// <summary>The base that the generation began with.</summary>
    public long Base { get; init; }

    /// <summary>True: lines between the asker's position and <see cref="Lines"/> are gone.</summary>
    public bool Missed { get; init; }

    /// <summary>What the asker did not know, in order.</summary>
    public IReadOnlyList<LogLine> Lines { get; init; } = [];

    /// <summary>The store's clock, milliseconds since 1970; 0 where it was not asked.</summary>
    public long Now { get; init; }

    /// <summary>How many tags, prefixes and tenants the store remembers.</summary>
    public long Marks { get; init; }

    /// <summary>The last invalidations of prefixes and tenants, where they were asked for.</summary>
    public IReadOnlyList<LogLine> Floors { get; init; } = [];
}
