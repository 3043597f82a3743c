using System.Collections.Concurrent;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// Values of factories that this process has lately set. Between another process's set or removal of a key and its line, such a value may have taken the place
/// of what is newer: when the line is heard it is to be removed again, if it is still there.
/// </summary>
internal sealed class ComputedSets
{
    private const int Most = 10_000;
    private ConcurrentDictionary<(string Tenant, string Key), (Place Place, SharedEntry Entry)> _young = [];
    private ConcurrentDictionary<(string Tenant, string Key), (Place Place, SharedEntry Entry)> _old = [];
    private long _turned = Environment.TickCount64;

    public void Add(Place place, SharedEntry entry)
    {
        // A line follows its set within milliseconds; what is older than a second or two needs no watching.
        if (_young.Count >= Most || Environment.TickCount64 - _turned > 2_000)
        {
            _turned = Environment.TickCount64;
            (_old, _young) = (_young, []);
        }

        _young[(place.Tenant, place.Key)] = (place, entry);
    }

    public bool TryTake(string tenant, string key, out (Place Place, SharedEntry Entry) set) =>
        _young.TryRemove((tenant, key), out set) || _old.TryRemove((tenant, key), out set);
}
