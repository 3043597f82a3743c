using CloudStore.Storage.Cache.Memory;

namespace CloudStore.Storage.Cache.Loading;

/// <summary>
/// Answers a call that memory has no fresh value for: from the shared layer or from the factory, which runs once for all callers of a key in this process and, by a lease, in
/// all of them. Stale values are served where they may be.
/// </summary>
internal sealed class Loader(CacheParts parts)
{
    // How long a factory that failed is left alone while the stale value can be served.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly FlightRunner _runner = new(parts);

    public async ValueTask<CacheResult<T>> LoadAsync<TState, T>(
        TenantSpace space, string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, CancellationToken cancellationToken)
    {
        var flightKey = new FlightKey(key, typeof(T), plan.Without);
        for (bool again = false; ; again = true)
        {
            var stale = ReadStale<T>(space, key, plan);
            if (stale is not null && Volatile.Read(ref stale.Entry!.RetryAt) > parts.Time.GetTimestamp())
            {
                return Answer(space, stale);
            }

            var flight = space.Flights.Join<T>(space, flightKey, out bool mine);
            if (mine)
            {
                Start(space, flight, state, factory, plan, stale, cancellationToken);
            }

            if (stale is not null && plan.FactoryTimeout is null)
            {
                return Answer(space, stale);
            }

            var loaded = await WaitAsync(flight, plan, stale, cancellationToken);
            if (!mine && !loaded.IsValid && !again)
            {
                // It began before this call, and something it read has become invalid since; the next one begins after this call.
                continue;
            }

            if (mine && loaded.Freshness == Freshness.Stale && loaded.Found)
            {
                Refresh(space, flightKey, state, factory, plan, loaded, cancellationToken);
            }

            return mine ? Answer(space, loaded) : Answer(space, Own(loaded));
        }
    }

    private CacheResult<T> Answer<T>(TenantSpace space, Loaded<T> loaded)
    {
        if (!loaded.Found)
        {
            return default;
        }

        bool stale = loaded.Freshness == Freshness.Stale;
        if (stale)
        {
            space.Counters.StaleHit();
        }

        return new CacheResult<T>(true, loaded.Value, stale, loaded.Source, stale ? TimeSpan.Zero : parts.Builder.Left(loaded.Entry), loaded.Entry?.ETag);
    }

    // A value that one caller may change is not another's.
    private Loaded<T> Own<T>(Loaded<T> loaded) =>
        loaded.Entry is { Value: null } entry && parts.Memory.TryTake<T>(entry, out var own) ? loaded with { Value = own } : loaded;

    private Loaded<T>? ReadStale<T>(TenantSpace space, string key, EntryPlan plan) =>
        plan.ReadsMemory && plan.RunsFactory && parts.Memory.TryReadStale<T>(space, key, out var value, out var entry)
            ? new Loaded<T>(true, value, Freshness.Stale, CacheSource.Memory, entry) : null;

    private void Start<TState, T>(
        TenantSpace space, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, Loaded<T>? stale, CancellationToken cancellationToken)
    {
        bool inBackground = stale is not null && plan.FactoryTimeout is null;
        Task Run() => RunAsync(space, flight, state, factory, plan, stale);
        if (inBackground || cancellationToken.CanBeCanceled || plan.FactoryTimeout is not null)
        {
            // The caller may go before it is done.
            _ = Task.Run(Run, CancellationToken.None);
        }
        else
        {
            _ = Run();
        }
    }

    private void Refresh<TState, T>(TenantSpace space, FlightKey key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, Loaded<T> stale,
        CancellationToken cancellationToken)
    {
        var flight = space.Flights.Join<T>(space, key, out bool mine);
        if (mine)
        {
            Start(space, flight, state, factory, plan, stale, cancellationToken);
        }
    }

    private async Task RunAsync<TState, T>(
        TenantSpace space, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan, Loaded<T>? stale)
    {
        try
        {
            var loaded = await _runner.ProduceAsync(space, flight, state, factory, plan, stopAtStale: stale is null && plan.FactoryTimeout is null);
            flight.Complete(End(space, flight, loaded, plan));
        }
        catch (Exception failure)
        {
            space.Flights.Remove(flight);
            space.End(flight.Stamp, null);
            if (stale?.Entry is { } entry)
            {
                Volatile.Write(ref entry.RetryAt, parts.Time.GetTimestamp() + parts.Builder.Ticks(Pause));
            }

            flight.Fail(failure);
        }
    }

    // In this order: whoever joins after an invalidation joins before the removal, and so before the last look at what is valid.
    private Loaded<T> End<T>(TenantSpace space, Flight<T> flight, Loaded<T> loaded, EntryPlan plan)
    {
        space.Flights.Remove(flight);
        var entry = loaded.Entry;
        bool keep = entry is not null && plan.WritesMemory && loaded.Source != CacheSource.Memory && !loaded.WasRefused;
        bool untouched = parts.Memory.End(space, flight.Stamp, keep ? entry : null);
        bool valid = entry is null || TagStrategy.IsValid(space, entry.Key, entry.Position, entry.Tags);
        return loaded with { IsValid = untouched && valid && !loaded.WasRefused };
    }

    private async ValueTask<Loaded<T>> WaitAsync<T>(Flight<T> flight, EntryPlan plan, Loaded<T>? stale, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled && plan.FactoryTimeout is null)
        {
            return await flight.Task;
        }

        try
        {
            return await flight.Task.WaitAsync(plan.FactoryTimeout ?? Timeout.InfiniteTimeSpan, parts.Time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            flight.Leave();
            throw;
        }
        catch (Exception) when ((stale ?? flight.Fallback) is not null)
        {
            return stale ?? flight.Fallback!;
        }
        catch (TimeoutException) when (!flight.Task.IsCompleted)
        {
            throw new TimeoutException($"The factory of the cache's key '{flight.Key.Key}' took longer than {plan.FactoryTimeout}; its value is kept when it comes.");
        }
    }
}
