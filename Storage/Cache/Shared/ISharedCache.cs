namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// What the memory layer asks of the layers that processes share (Redis, or the database while it is away): entries as bytes, and the log of invalidations
/// that all processes follow. No method fails because a store is away; it answers as if there were nothing, and says so in <see cref="Health"/>.
/// </summary>
public interface ISharedCache
{
    /// <summary>
    /// Names the last invalidation applied in this process. Take it <b>before</b> the value of an entry is read or computed, and keep it with the entry.
    /// </summary>
    long Position { get; }

    /// <summary>Milliseconds on the clock that all processes share; never goes back in a process but at a <see cref="IInvalidationSink.Forget"/>.</summary>
    long Now { get; }

    /// <summary>True while this process has surely heard of every invalidation that returned longer ago than the bound; memory must not be served otherwise.</summary>
    /// <param name="timestamp">Now, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> gives it.</param>
    bool IsCurrent(long timestamp);

    /// <summary>Who is told of invalidations; set once, before the first use.</summary>
    void Follow(IInvalidationSink sink);

    /// <summary>The entry of a key; null where there is none.</summary>
    ValueTask<SharedEntry?> GetAsync(string tenant, string key, CancellationToken cancellationToken);

    /// <summary>The entries of several keys, in their order, in one round trip.</summary>
    ValueTask<SharedEntry?[]> GetManyAsync(string tenant, IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Sets an entry; other processes drop theirs within the bound.</summary>
    /// <returns>False when <paramref name="mode"/> forbade it.</returns>
    ValueTask<bool> SetAsync(string tenant, string key, SharedEntry entry, SetMode mode, CancellationToken cancellationToken);

    /// <summary>Sets several entries in one round trip.</summary>
    ValueTask SetManyAsync(string tenant, IReadOnlyList<KeyValuePair<string, SharedEntry>> entries, CancellationToken cancellationToken);

    /// <summary>Puts an entry in the place of the one that is there, or removes that, where it is the expected one and nobody changes it meanwhile. The new one is made to differ in when it was set.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="key">The key.</param>
    /// <param name="expected">Says whether the entry is.</param>
    /// <param name="entry">Null removes it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask<bool> SwapAsync(string tenant, string key, Predicate<SharedEntry> expected, SharedEntry? entry, CancellationToken cancellationToken);

    /// <returns>True if there was one.</returns>
    ValueTask<bool> RemoveAsync(string tenant, string key, CancellationToken cancellationToken);

    /// <summary>Gives an entry another end.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="key">The key.</param>
    /// <param name="expiresAt">On the clock of <see cref="Now"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask<bool> ExpireAsync(string tenant, string key, long expiresAt, CancellationToken cancellationToken);

    /// <summary>Adds to a counter, in one step for all processes.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="key">The key.</param>
    /// <param name="by">What is added.</param>
    /// <param name="created">How the entry lives if this call makes it; its payload is not looked at.</param>
    /// <param name="cancellationToken">Cancels.</param>
    ValueTask<long> IncrementAsync(string tenant, string key, long by, SharedEntry created, CancellationToken cancellationToken);

    /// <summary>Appends to the log. When it returns, this process has applied it and the others will within the bound.</summary>
    ValueTask InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken);

    /// <summary>
    /// Positions of the last invalidations of some tags, for tags this process has not seen yet; 0 for one never invalidated. From then on the sink hears of them.
    /// </summary>
    ValueTask<long[]> TagPositionsAsync(string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken);

    /// <summary>Asks for the right to run a key's factory, among all processes.</summary>
    /// <returns>The lease, to be disposed when the value is set; null when another process has it.</returns>
    ValueTask<IAsyncDisposable?> LeaseAsync(string tenant, string key, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>The state and the counts of the shared layers.</summary>
    SharedHealth Health { get; }
}

/// <summary>Hears of invalidations, in the order of the log, on one thread at a time. Must be quick and must not throw.</summary>
public interface IInvalidationSink
{
    /// <summary>From now on <see cref="ISharedCache.Position"/> is at least <paramref name="position"/>; called before that.</summary>
    void Apply(Invalidation invalidation, long position);

    /// <summary>
    /// Nothing this process holds can be trusted: another generation began, or part of the log was missed. <see cref="ISharedCache.Position"/> has its new value
    /// already: what was computed under a lower one is void.
    /// </summary>
    void Forget();
}

/// <summary>What became invalid.</summary>
/// <param name="Kind">What <paramref name="Name"/> names.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Name">A key, a tag or a prefix; empty for a whole tenant.</param>
public readonly record struct Invalidation(InvalidationKind Kind, string Tenant, string Name);

/// <summary>What an invalidation names.</summary>
public enum InvalidationKind : byte
{
    Key = 1,
    Tag = 2,
    Prefix = 3,
    Tenant = 4,
}
