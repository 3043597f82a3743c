using CloudStore.Storage.Cache.Memory;

namespace CloudStore.Storage.Cache.Loading;

/// <summary>One load: the shared layer, then the lease, then the factory.</summary>
internal sealed class FlightRunner(CacheParts parts)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    /// <param name="stopAtStale">True: a stale value in the shared layer is the answer.</param>
    public async ValueTask<Loaded<T>> ProduceAsync<TState, T>(
        TenantSpace space, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, bool stopAtStale)
    {
        // Another load may have ended since the caller looked.
        if (ReadMemory<T>(space, flight, plan) is { } there)
        {
            return there;
        }

        if (parts.HasShared && plan.ReadsShared && await ReadAsync<T>(space, flight, plan) is { } read)
        {
            if (read.Freshness == Freshness.Fresh || (stopAtStale && plan.RunsFactory))
            {
                return read;
            }

            flight.Fallback = read;
        }

        if (!plan.RunsFactory)
        {
            return Loaded<T>.Nothing;
        }

        if (!parts.HasShared || !plan.WritesShared)
        {
            return await ComputeAsync(space, flight, state, factory, plan);
        }

        try
        {
            return await AcquireAsync(space, flight, plan) ?? await ComputeAsync(space, flight, state, factory, plan);
        }
        finally
        {
            await flight.ReleaseAsync();
        }
    }

    // Of several processes one gets the lease; the others look again and again for the value it makes, or for the lease, should it fail.
    private async ValueTask<Loaded<T>?> AcquireAsync<T>(TenantSpace space, Flight<T> flight, EntryPlan plan)
    {
        var duration = TimeSpan.FromSeconds(parts.Options.LeaseSeconds);
        long started = parts.Time.GetTimestamp();
        for (var wait = FirstWait; ; wait = wait + wait < LongestWait ? wait + wait : LongestWait)
        {
            var lease = await parts.Shared.LeaseAsync(space.Tenant, flight.Key.Key, duration, flight.Token);
            flight.Hold(lease);
            // With the lease as well: its last holder may have set the value since it was looked for.
            if (plan.ReadsShared && await ReadAsync<T>(space, flight, plan) is { Freshness: Freshness.Fresh } found)
            {
                return found;
            }

            if (lease is not null || parts.Time.GetElapsedTime(started) > duration)
            {
                return null;
            }

            await Task.Delay(wait, parts.Time, flight.Token);
        }
    }

    private Loaded<T>? ReadMemory<T>(TenantSpace space, Flight<T> flight, EntryPlan plan) =>
        plan.ReadsMemory && parts.Memory.TryRead<T>(space, flight.Key.Key, parts.Time.GetTimestamp(), out var value, out var entry)
            ? new Loaded<T>(true, value, Freshness.Fresh, CacheSource.Memory, entry) : null;

    private async ValueTask<Loaded<T>?> ReadAsync<T>(TenantSpace space, Flight<T> flight, EntryPlan plan)
    {
        flight.Stamp = space.Renew(flight.Stamp);
        return await parts.Shared.GetAsync(space.Tenant, flight.Key.Key, flight.Token) is { } entry
            ? await parts.Reader.AcceptAsync<T>(space, flight.Key.Key, entry, plan, flight.Token) : null;
    }

    private async ValueTask<Loaded<T>> ComputeAsync<TState, T>(
        TenantSpace space, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan)
    {
        // In this order: the tags listen, the position is taken, the value is made.
        var tags = await space.Tags.ResolveAsync(plan.Tags, ask: false, flight.Token);
        flight.Tags = tags;
        var stamp = flight.Stamp = space.Renew(flight.Stamp);
        if (ReadMemory<T>(space, flight, plan) is { } there)
        {
            return there;
        }

        space.Counters.FactoryRun();
        long started = parts.Time.GetTimestamp();
        T value;
        try
        {
            value = await factory(state, flight.Token);
        }
        finally
        {
            parts.Metrics.FactoryRan(parts.Time.GetElapsedTime(started));
        }

        var entry = parts.Builder.ForMemory(space, stamp, value, plan, tags);
        bool refused = parts.HasShared && plan.WritesShared && !await StoreAsync(space, stamp, entry, plan);
        entry.Settle();
        return new Loaded<T>(true, value, Freshness.Fresh, CacheSource.Factory, entry) { WasRefused = refused };
    }

    // A value that something overtook while it was made has no place anywhere.
    private async ValueTask<bool> StoreAsync(TenantSpace space, KeyStamp stamp, MemoryEntry entry, EntryPlan plan) =>
        TagStrategy.IsValid(space, stamp.Key, entry.Position, entry.Tags) && await space.TryStoreAsync(stamp,
            () => parts.Shared.SetAsync(space.Tenant, stamp.Key, parts.Builder.ForShared(entry, plan, computed: true), SetMode.Always, CancellationToken.None));
}
