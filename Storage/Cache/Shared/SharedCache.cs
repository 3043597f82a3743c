using System.Diagnostics;
using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Cache.Shared.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// The layers that processes share: Redis, and the database while Redis is away or where there is none. A read that a store does not answer finds nothing; a write
/// is carried out by the store that holds when the first one has failed. What could be noted nowhere makes this process begin another generation as soon as it
/// reaches a store, so that nothing from before is read.
/// </summary>
public sealed partial class SharedCache : ISharedCache, IAsyncDisposable, IDisposable
{
    private const int Attempts = 5;
    private const int Replacements = 16;
    private readonly Follower _follower = new();
    private readonly Coordinator _coordinator;
    private int _started;
    private int _disposed;

    /// <param name="options">Its Redis and database settings hold.</param>
    /// <param name="redis">Gives the client; called in the background, again while it throws. Null: there is no Redis.</param>
    /// <param name="database">Null: there is none.</param>
    /// <param name="time">The wall clock of SQLite; all else is told by the stores.</param>
    /// <param name="loggers">One line a change of state.</param>
    public SharedCache(CacheOptions options, Func<IConnectionMultiplexer>? redis, CacheDatabase? database, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        _coordinator = new Coordinator(options, redis, database, time, _follower, loggers.CreateLogger<SharedCache>());
    }

    /// <inheritdoc/>
    public long Position => _follower.Position;

    /// <inheritdoc/>
    public long Now => _follower.Clock.Now;

    /// <inheritdoc/>
    public SharedHealth Health
    {
        get
        {
            var regime = _coordinator.Active.Regime;
            var layers = new List<CacheLayerStats>(2);
            if (_coordinator.HasRedis)
            {
                layers.Add(_coordinator.RedisCounts.Stats());
            }

            if (_coordinator.HasDatabase)
            {
                layers.Add(_coordinator.DatabaseCounts.Stats());
            }

            return new SharedHealth(!_coordinator.HasRedis ? "none" : regime.Holder == Holder.Redis ? "closed" : "open", regime.Generation.ToString(CultureInfo.InvariantCulture), layers);
        }
    }

    /// <summary>Which store holds at this moment.</summary>
    internal Holder Holder => _coordinator.Active.Regime.Holder;

    /// <inheritdoc/>
    public bool IsCurrent(long timestamp) => _follower.IsCurrent(timestamp);

    /// <inheritdoc/>
    public void Follow(IInvalidationSink sink)
    {
        _follower.Follow(sink);
        Start();
    }

    /// <summary>Begins to look for the stores; <see cref="Follow"/> does so too.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _coordinator.Start();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SharedEntry?> GetAsync(string tenant, string key, CancellationToken cancellationToken)
    {
        var active = _coordinator.Active;
        if (active.Store is not { } store)
        {
            return null;
        }

        var counts = Counts(store);
        long started = LayerCounts.Start();
        try
        {
            if (!_follower.IsCurrent(Stopwatch.GetTimestamp()) && !await _coordinator.CatchUpAsync(active))
            {
                return null;
            }

            var entry = await store.GetAsync(PlaceOf(active, tenant, key), cancellationToken);
            entry = ReferenceEquals(active, _coordinator.Active) ? entry : null;
            counts.Read(entry, Now);
            counts.Took(started);
            return entry;
        }
        catch (StoreAwayException)
        {
            counts.Failed();
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SharedEntry?[]> GetManyAsync(string tenant, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var active = _coordinator.Active;
        if (active.Store is not { } store)
        {
            return new SharedEntry?[keys.Count];
        }

        var counts = Counts(store);
        try
        {
            if (!_follower.IsCurrent(Stopwatch.GetTimestamp()) && !await _coordinator.CatchUpAsync(active))
            {
                return new SharedEntry?[keys.Count];
            }

            var entries = await store.GetManyAsync([.. keys.Select(k => PlaceOf(active, tenant, k))], cancellationToken);
            entries = ReferenceEquals(active, _coordinator.Active) ? entries : new SharedEntry?[keys.Count];
            long now = Now;
            Array.ForEach(entries, e => counts.Read(e, now));
            return entries;
        }
        catch (StoreAwayException)
        {
            counts.Failed();
            return new SharedEntry?[keys.Count];
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SetAsync(string tenant, string key, SharedEntry entry, SetMode mode, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return await WriteAsync(async (active, store) =>
        {
            var place = PlaceOf(active, tenant, key);
            if (Stamp(active, place, entry) is not { } stamped)
            {
                return false;
            }

            Counts(store).Set();
            bool done = mode switch
            {
                SetMode.NotExists => await SetNewAsync(active, store, place, stamped, cancellationToken),
                SetMode.Exists => await FindAsync(active, store, place, cancellationToken) is not null && await store.SetAsync(place, stamped, mode, cancellationToken),
                _ => await store.SetAsync(place, stamped, mode, cancellationToken),
            };
            if (done && entry.Computed && _follower.Keys.MayBeNewer(tenant, key, entry.Position))
            {
                // Another process has set or removed it while the factory ran, and this process has just heard of it.
                await store.RemoveAsync(place, cancellationToken);
                return false;
            }

            return done;
        }, mode != SetMode.Exists, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SetManyAsync(string tenant, IReadOnlyList<KeyValuePair<string, SharedEntry>> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        await WriteAsync(async (active, store) =>
        {
            var stamped = entries.Select(e => (Place: PlaceOf(active, tenant, e.Key), e.Value)).Select(e => KeyValuePair.Create(e.Place, Stamp(active, e.Place, e.Value)))
                .Where(e => e.Value is not null).ToList();
            Counts(store).Set(stamped.Count);
            await store.SetManyAsync(stamped!, cancellationToken);
            return true;
        }, true, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SwapAsync(string tenant, string key, Predicate<SharedEntry> expected, SharedEntry? entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return await WriteAsync(async (active, store) =>
        {
            var place = PlaceOf(active, tenant, key);
            for (int i = 0; i < Replacements && await FindAsync(active, store, place, cancellationToken) is { } found && expected(found); i++)
            {
                if (await (entry is null ? store.RemoveAsync(place, found, cancellationToken) : store.ReplaceAsync(place, found, Behind(found, Stamp(active, place, entry)!), cancellationToken)))
                {
                    return true;
                }
            }

            return false;
        }, false, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(string tenant, string key, CancellationToken cancellationToken) =>
        await WriteAsync(async (active, store) =>
            await store.RemoveAsync(PlaceOf(active, tenant, key), cancellationToken) is { } removed && await IsThereAsync(active, store, tenant, removed, cancellationToken), false, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> ExpireAsync(string tenant, string key, long expiresAt, CancellationToken cancellationToken) =>
        await WriteAsync(async (active, store) =>
        {
            var place = PlaceOf(active, tenant, key);
            for (int i = 0; i < Replacements && await FindAsync(active, store, place, cancellationToken) is { } found; i++)
            {
                if (await store.ReplaceAsync(place, found, found with { ExpiresAt = expiresAt }, cancellationToken))
                {
                    return true;
                }
            }

            return false;
        }, false, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<long> IncrementAsync(string tenant, string key, long by, SharedEntry created, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(created);
        return await WriteAsync(async (active, store) =>
        {
            var place = PlaceOf(active, tenant, key);
            var stamped = Stamp(active, place, created with { Computed = false })!;
            for (int i = 0; i < Replacements; i++)
            {
                if (await store.IncrementAsync(place, by, stamped, cancellationToken) is { } sum || await AddAsync(active, store, place, by, stamped, cancellationToken) is { } added && (sum = added) == added)
                {
                    return sum;
                }
            }

            throw new ProblemException(ProblemKind.Conflict, $"The counter '{key}' was changed by others again and again.");
        }, by, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken)
    {
        var what = invalidation.Kind == InvalidationKind.Prefix && _follower.Floors.IsFull(invalidation.Tenant, invalidation.Name)
            ? new Invalidation(InvalidationKind.Tenant, invalidation.Tenant, "")
            : invalidation;
        bool noted = await WriteAsync(async (active, store) =>
        {
            await store.AppendAsync(active.Regime.Generation, new LogEntry(what, Heard: true), cancellationToken);
            return true;
        }, false, cancellationToken);
        if (!noted)
        {
            _follower.ApplyAlone(what);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long[]> TagPositionsAsync(string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var active = _coordinator.Active;
        if (active.Store is { } store && tags.Count > 0)
        {
            try
            {
                if (_follower.IsCurrent(Stopwatch.GetTimestamp()) || await _coordinator.CatchUpAsync(active))
                {
                    return await store.TagPositionsAsync(active.Regime.Generation, tenant, tags, cancellationToken);
                }
            }
            catch (StoreAwayException)
            {
                Counts(store).Failed();
            }
        }

        // Nobody knows: as if each had been invalidated by the last line that was applied here. Of later ones the sink hears.
        return [.. Enumerable.Repeat(tags.Count == 0 ? 0 : Position, tags.Count)];
    }

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable?> LeaseAsync(string tenant, string key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var active = _coordinator.Active;
        var token = Guid.CreateVersion7().ToString("N");
        if (active.Store is { } store)
        {
            try
            {
                var place = PlaceOf(active, tenant, key);
                return await store.TryLeaseAsync(place, token, duration, cancellationToken) ? new Lease(store, place, token) : null;
            }
            catch (StoreAwayException)
            {
                Counts(store).Failed();
            }
        }

        // Nobody can be asked: each process runs it for itself.
        return new Lease(null, default, token);
    }

    // The container knows it by two names and disposes it for each.
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 ? _coordinator.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Stops, without waiting for what is under way.</summary>
    public void Dispose() => _coordinator.Stop();
}
