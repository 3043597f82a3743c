using System.Collections.Concurrent;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// The last lines of keys that other processes have set or removed: a factory that was slow must not put back what they have replaced. Bounded; of what it has
/// dropped it says that it may have been there.
/// </summary>
internal sealed class RecentKeys
{
    private const int Most = 20_000;
    private volatile Batch _young = new(0);
    private volatile Batch _old = new(0);

    public void Reset(long position) => _young = _old = new Batch(position);

    public void Note(LogLine line)
    {
        if (line.What.Kind != InvalidationKind.Key)
        {
            return;
        }

        if (_young.Lines.Count >= Most)
        {
            (_old, _young) = (_young, new Batch(line.Position - 1));
        }

        _young.Lines[(line.What.Tenant, line.What.Name)] = line.Position;
    }

    /// <summary>True where the key may have been set or removed after a position.</summary>
    public bool MayBeNewer(string tenant, string key, long position)
    {
        var (young, old) = (_young, _old);
        return position < old.Since || (young.Lines.TryGetValue((tenant, key), out long last) && last > position) || (old.Lines.TryGetValue((tenant, key), out last) && last > position);
    }

    private sealed class Batch(long since)
    {
        /// <summary>Lines up to this position are not known.</summary>
        public long Since => since;

        public ConcurrentDictionary<(string Tenant, string Key), long> Lines { get; } = [];
    }
}
