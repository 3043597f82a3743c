using System.Globalization;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Cache.Shared.Redis;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>What its calls are made of: which store, what is there, and again after a move.</summary>
public sealed partial class SharedCache
{
    private LayerCounts Counts(ICacheStore store) => store.Source == CacheSource.Redis ? _coordinator.RedisCounts : _coordinator.DatabaseCounts;

    private Place PlaceOf(Active active, string tenant, string key) => new(active.Regime.Generation, _follower.Floors.Of(tenant, key), tenant, key);

    // A computed value from before an invalidation is void. One that somebody set is set now.
    private SharedEntry? Stamp(Active active, Place place, SharedEntry entry)
    {
        if (entry.Computed)
        {
            return entry.Position < Math.Max(place.Floor, active.Regime.Base) || _follower.Keys.MayBeNewer(place.Tenant, place.Key, entry.Position) ? null : entry;
        }

        return entry with { Position = Math.Max(entry.Position, Position) };
    }

    // Never mistaken for the one before it, also within a millisecond and with the same value.
    private static SharedEntry Behind(SharedEntry found, SharedEntry entry) => entry with { CreatedAt = Math.Max(entry.CreatedAt, found.CreatedAt + 1) };

    private async Task<bool> SetNewAsync(Active active, ICacheStore store, Place place, SharedEntry entry, CancellationToken cancellationToken)
    {
        for (int i = 0; i < Replacements; i++)
        {
            if (await store.SetAsync(place, entry, SetMode.NotExists, cancellationToken))
            {
                return true;
            }

            // What is there may be over, or invalid by its tags: then it gives way, if it is still the same.
            var found = await store.GetAsync(place, cancellationToken);
            if (found is not null && await IsThereAsync(active, store, place.Tenant, found, cancellationToken))
            {
                return false;
            }

            if (found is not null && await store.ReplaceAsync(place, found, entry, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<SharedEntry?> FindAsync(Active active, ICacheStore store, Place place, CancellationToken cancellationToken) =>
        await store.GetAsync(place, cancellationToken) is { } found && await IsThereAsync(active, store, place.Tenant, found, cancellationToken) ? found : null;

    private async ValueTask<bool> IsThereAsync(Active active, ICacheStore store, string tenant, SharedEntry entry, CancellationToken cancellationToken) =>
        Now < entry.ExpiresAt && (entry.Tags.Count == 0 || (await store.TagPositionsAsync(active.Regime.Generation, tenant, entry.Tags, cancellationToken)).All(p => p <= entry.Position));

    // The entry is no plain counter: it has tags, or another kind, or is over.
    private async Task<long?> AddAsync(Active active, ICacheStore store, Place place, long by, SharedEntry created, CancellationToken cancellationToken)
    {
        var found = await store.GetAsync(place, cancellationToken);
        if (found is null)
        {
            return null;
        }

        long sum = by;
        var entry = created;
        if (await IsThereAsync(active, store, place.Tenant, found, cancellationToken))
        {
            if (EntryColumns.Number(found) is not { } number)
            {
                throw new ProblemException(ProblemKind.Conflict, $"The value of '{place.Key}' is no whole number, so that nothing can be added to it.");
            }

            (sum, entry) = (Sum(place.Key, number, by), found);
        }

        entry = entry with { Format = Envelope.Number, Payload = Encoding.ASCII.GetBytes(sum.ToString(CultureInfo.InvariantCulture)) };
        return await store.ReplaceAsync(place, found, entry, cancellationToken) ? sum : null;
    }

    private static long Sum(string key, long number, long by)
    {
        long sum = unchecked(number + by);
        return ((number ^ sum) & (by ^ sum)) >= 0 ? sum : throw new ProblemException(ProblemKind.Conflict, $"The counter '{key}' is {number}; adding {by} goes beyond 64 bits.");
    }

    private async Task<T> WriteAsync<T>(Func<Active, ICacheStore, Task<T>> write, T otherwise, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < Attempts && await _coordinator.UsableAsync(cancellationToken) is { Store: { } store } active; attempt++)
        {
            if (!_coordinator.HasRedis)
            {
                _coordinator.Use();
            }

            try
            {
                return await write(active, store);
            }
            catch (StoreMovedException)
            {
                await RefreshAsync(active);
            }
            catch (StoreAwayException)
            {
                Counts(store).Failed();
                if (store.Source == CacheSource.Database)
                {
                    break;
                }

                await RefreshAsync(active);
            }
        }

        _coordinator.Owe();
        return otherwise;
    }

    private async Task RefreshAsync(Active active)
    {
        try
        {
            await _coordinator.RefreshAsync(active);
        }
        catch (StoreAwayException)
        {
            // The next attempt waits for a store.
        }
    }

    private sealed class Lease(ICacheStore? store, Place place, string token) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await (store?.ReleaseAsync(place, token) ?? Task.CompletedTask);
            }
            catch (StoreAwayException)
            {
                // It ends by itself.
            }
        }
    }
}
