using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Cache;

/// <summary>
/// Stands where no processes share anything: it keeps no entries, and its log of invalidations is a counter in this process. Memory alone decides what there is.
/// </summary>
public sealed class NoSharedCache(TimeProvider time) : ISharedCache
{
    private static readonly SharedHealth Nothing = new("none", "0", []);
    private readonly Lock _log = new();
    private readonly long _started = time.GetTimestamp();
    private IInvalidationSink? _sink;
    private long _position;

    public long Position => Volatile.Read(ref _position);

    public long Now => (long)time.GetElapsedTime(_started).TotalMilliseconds;

    public SharedHealth Health => Nothing;

    public bool IsCurrent(long timestamp) => true;

    public void Follow(IInvalidationSink sink) => _sink = sink;

    public ValueTask InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken)
    {
        lock (_log)
        {
            _sink?.Apply(invalidation, _position + 1);
            Volatile.Write(ref _position, _position + 1);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The position of the log itself: invalidations of tags that nobody had asked for are not kept, so any of them may be as late as that.</summary>
    public ValueTask<long[]> TagPositionsAsync(string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var positions = new long[tags.Count];
        Array.Fill(positions, Position);
        return new(positions);
    }

    public ValueTask<SharedEntry?> GetAsync(string tenant, string key, CancellationToken cancellationToken) => new((SharedEntry?)null);

    public ValueTask<SharedEntry?[]> GetManyAsync(string tenant, IReadOnlyList<string> keys, CancellationToken cancellationToken) => new(new SharedEntry?[keys.Count]);

    public ValueTask<bool> SetAsync(string tenant, string key, SharedEntry entry, SetMode mode, CancellationToken cancellationToken) => new(mode != SetMode.Exists);

    public ValueTask SetManyAsync(string tenant, IReadOnlyList<KeyValuePair<string, SharedEntry>> entries, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<bool> SwapAsync(string tenant, string key, Predicate<SharedEntry> expected, SharedEntry? entry, CancellationToken cancellationToken) => new(false);

    public ValueTask<bool> RemoveAsync(string tenant, string key, CancellationToken cancellationToken) => new(false);

    public ValueTask<bool> ExpireAsync(string tenant, string key, long expiresAt, CancellationToken cancellationToken) => new(false);

    public ValueTask<long> IncrementAsync(string tenant, string key, long by, SharedEntry created, CancellationToken cancellationToken) => new(by);

    public ValueTask<IAsyncDisposable?> LeaseAsync(string tenant, string key, TimeSpan duration, CancellationToken cancellationToken) => new(Lease.Instance);

    private sealed class Lease : IAsyncDisposable
    {
        public static readonly Lease Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
