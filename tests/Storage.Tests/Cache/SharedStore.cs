using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>
/// What several caches share, in this process: a store and a log. Each cache has a <see cref="Process"/> of it, which hears of the others' invalidations when the test says so,
/// and whose calls the test can hold up.
/// </summary>
internal sealed class SharedStore(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string), SharedEntry> _entries = [];
    private readonly HashSet<(string, string)> _leases = [];
    private readonly List<(Invalidation Line, Process Writer)> _log = [];
    private readonly long _started = time.GetTimestamp();

    public int Reads { get; private set; }

    public int Writes { get; private set; }

    public Process Join() => new(this);

    public SharedEntry? Peek(string key)
    {
        lock (_gate)
        {
            return Find(CacheEngine.DefaultTenant, key);
        }
    }

    private long Now => (long)time.GetElapsedTime(_started).TotalMilliseconds;

    private SharedEntry? Find(string tenant, string key) =>
        _entries.TryGetValue((tenant, key), out var entry) && entry.ExpiresAt + entry.StaleFor > Now && !IsHit(tenant, key, entry) ? entry : null;

    private bool IsHit(string tenant, string key, SharedEntry entry)
    {
        for (int i = (int)entry.Position; i < _log.Count; i++)
        {
            var line = _log[i].Line;
            if (line.Tenant == tenant && line.Kind switch
            {
                InvalidationKind.Tenant => true,
                InvalidationKind.Prefix => key.StartsWith(line.Name, StringComparison.Ordinal),
                InvalidationKind.Tag => entry.Tags.Contains(line.Name),
                _ => false,
            })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One process's part.</summary>
    internal sealed class Process(SharedStore store) : ISharedCache
    {
        private IInvalidationSink? _sink;
        private long _position;

        /// <summary>Awaited after an entry was looked up and before the caller gets it.</summary>
        public Func<Task>? AfterGet { get; set; }

        /// <summary>Awaited before an entry is set.</summary>
        public Func<SharedEntry, Task>? BeforeSet { get; set; }

        /// <summary>Awaited after an entry was set and before the caller hears of it.</summary>
        public Func<Task>? AfterSet { get; set; }

        public bool Current { get; set; } = true;

        public long Position => Volatile.Read(ref _position);

        public long Now => store.Now;

        public SharedHealth Health { get; } = new("closed", "1", [new CacheLayerStats("redis", 1, 0, 2, 3, 0, 0, null, null)]);

        public bool IsCurrent(long timestamp) => Current;

        public void Follow(IInvalidationSink sink) => _sink = sink;

        /// <summary>Hears of everything in the log.</summary>
        public void Poll()
        {
            lock (store._gate)
            {
                for (int i = (int)_position; i < store._log.Count; i++)
                {
                    var (line, writer) = store._log[i];
                    if (line.Kind != InvalidationKind.Key || writer != this)
                    {
                        _sink!.Apply(line, i + 1);
                    }

                    Volatile.Write(ref _position, i + 1);
                }
            }
        }

        public void Forget() => _sink!.Forget();

        public async ValueTask<SharedEntry?> GetAsync(string tenant, string key, CancellationToken cancellationToken)
        {
            SharedEntry? found;
            lock (store._gate)
            {
                store.Reads++;
                found = store.Find(tenant, key) is { } entry ? entry with { Source = CacheSource.Redis } : null;
            }

            await (AfterGet?.Invoke() ?? Task.CompletedTask);
            return found;
        }

        public async ValueTask<SharedEntry?[]> GetManyAsync(string tenant, IReadOnlyList<string> keys, CancellationToken cancellationToken)
        {
            var found = new SharedEntry?[keys.Count];
            for (int i = 0; i < found.Length; i++)
            {
                found[i] = await GetAsync(tenant, keys[i], cancellationToken);
            }

            return found;
        }

        public async ValueTask<bool> SetAsync(string tenant, string key, SharedEntry entry, SetMode mode, CancellationToken cancellationToken)
        {
            bool set;
            await (BeforeSet?.Invoke(entry) ?? Task.CompletedTask);
            lock (store._gate)
            {
                set = mode == SetMode.Always || store.Find(tenant, key) is not null == (mode == SetMode.Exists);
                set &= !entry.Computed || !store._log.Skip((int)entry.Position).Any(l => l.Writer != this && l.Line == new Invalidation(InvalidationKind.Key, tenant, key));
                if (set)
                {
                    store.Writes++;
                    store._entries[(tenant, key)] = entry;
                    Append(tenant, key);
                }
            }

            await (AfterSet?.Invoke() ?? Task.CompletedTask);
            return set;
        }

        public async ValueTask SetManyAsync(string tenant, IReadOnlyList<KeyValuePair<string, SharedEntry>> entries, CancellationToken cancellationToken)
        {
            foreach (var (key, entry) in entries)
            {
                await SetAsync(tenant, key, entry, SetMode.Always, cancellationToken);
            }
        }

        public ValueTask<bool> SwapAsync(string tenant, string key, Predicate<SharedEntry> expected, SharedEntry? entry, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                if (store.Find(tenant, key) is not { } found || !expected(found))
                {
                    return new(false);
                }

                store._entries.Remove((tenant, key));
                if (entry is not null)
                {
                    store._entries[(tenant, key)] = entry with { CreatedAt = Math.Max(entry.CreatedAt, found.CreatedAt + 1) };
                }

                Append(tenant, key);
                return new(true);
            }
        }

        public ValueTask<bool> RemoveAsync(string tenant, string key, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                bool there = store.Find(tenant, key) is not null;
                store._entries.Remove((tenant, key));
                Append(tenant, key);
                return new(there);
            }
        }

        public ValueTask<bool> ExpireAsync(string tenant, string key, long expiresAt, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                if (store.Find(tenant, key) is not { } entry)
                {
                    return new(false);
                }

                store._entries[(tenant, key)] = entry with { ExpiresAt = expiresAt };
                Append(tenant, key);
                return new(true);
            }
        }

        public ValueTask<long> IncrementAsync(string tenant, string key, long by, SharedEntry created, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                var before = store.Find(tenant, key);
                if (before is { Format: not 3 })
                {
                    throw ProblemException.ForField(ProblemKind.Conflict, "key", "counter", "no counter");
                }

                long sum = by + (before is null ? 0 : long.Parse(before.Payload.Span, provider: null));
                store._entries[(tenant, key)] = (before ?? created) with { Payload = System.Text.Encoding.ASCII.GetBytes($"{sum}") };
                Append(tenant, key);
                return new(sum);
            }
        }

        public ValueTask InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                store._log.Add((invalidation, this));
            }

            Poll();
            return ValueTask.CompletedTask;
        }

        public ValueTask<long[]> TagPositionsAsync(string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                return new([.. tags.Select(tag => store._log.FindLastIndex(l => l.Line == new Invalidation(InvalidationKind.Tag, tenant, tag)) + 1L)]);
            }
        }

        public ValueTask<IAsyncDisposable?> LeaseAsync(string tenant, string key, TimeSpan duration, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                return new(store._leases.Add((tenant, key)) ? new Lease(store, (tenant, key)) : null);
            }
        }

        private void Append(string tenant, string key) => store._log.Add((new Invalidation(InvalidationKind.Key, tenant, key), this));
    }

    private sealed class Lease(SharedStore store, (string, string) key) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (store._gate)
            {
                store._leases.Remove(key);
            }

            return ValueTask.CompletedTask;
        }
    }
}
