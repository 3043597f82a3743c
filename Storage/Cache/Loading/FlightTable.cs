using System.Collections.Concurrent;
using CloudStore.Storage.Cache.Memory;

namespace CloudStore.Storage.Cache.Loading;

/// <summary>The loads of a tenant that are under way.</summary>
internal sealed class FlightTable
{
    private readonly ConcurrentDictionary<FlightKey, Flight> _flights = new();

    /// <summary>The load that is under way, or a new one, which the caller has to start.</summary>
    public Flight<T> Join<T>(TenantSpace space, FlightKey key, out bool mine)
    {
        while (true)
        {
            if (_flights.TryGetValue(key, out var found))
            {
                // One that began before an invalidation has nothing for a caller who came after that.
                if (found.IsGoodFor(space) && found.TryJoin())
                {
                    mine = false;
                    return (Flight<T>)found;
                }

                Remove(found);
                _ = found.ReleaseAsync().AsTask();
                continue;
            }

            var flight = new Flight<T>(key, space.BeginRead(key.Key));
            if (_flights.TryAdd(key, flight))
            {
                mine = true;
                return flight;
            }

            space.End(flight.Stamp, null);
            flight.Dispose();
        }
    }

    public void Remove(Flight flight) => _flights.TryRemove(KeyValuePair.Create(flight.Key, flight));
}
