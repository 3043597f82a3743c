using System.Collections.Concurrent;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Cache.Memory;

/// <summary>The tags of a tenant that this process has met.</summary>
internal sealed class TagTable(string tenant, ISharedCache shared)
{
    private readonly ConcurrentDictionary<string, TagState> _tags = new(StringComparer.Ordinal);

    /// <summary>
    /// The states of some tags, up to date. Asked for before an entry's value is computed, so that no invalidation falls between: a state hears of all that come after
    /// it is in the table, and the shared layer is asked for those before only then.
    /// </summary>
    /// <param name="ask">True: ask anew for those that are known as well.</param>
    public ValueTask<TagState[]> ResolveAsync(IReadOnlyList<string> names, bool ask, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return new([]);
        }

        var states = new TagState[names.Count];
        bool known = !ask;
        for (int i = 0; i < states.Length; i++)
        {
            states[i] = _tags.GetOrAdd(names[i], static name => new TagState(name));
            known &= states[i].IsKnown;
        }

        return known ? new(states) : AskAsync(states, ask, cancellationToken);
    }

    public void Apply(string tag, long position)
    {
        if (_tags.TryGetValue(tag, out var state))
        {
            state.Raise(position);
        }
    }

    /// <summary>Gives up the tags that no entry carries; all of them where <paramref name="all"/>.</summary>
    public void Trim(bool all)
    {
        foreach (var tag in _tags)
        {
            if ((all || Volatile.Read(ref tag.Value.References) == 0) && _tags.TryRemove(tag))
            {
                tag.Value.Retire();
            }
        }
    }

    private async ValueTask<TagState[]> AskAsync(TagState[] states, bool ask, CancellationToken cancellationToken)
    {
        var asked = states.Where(s => ask || !s.IsKnown).ToArray();
        var positions = await shared.TagPositionsAsync(tenant, [.. asked.Select(s => s.Name)], cancellationToken);
        for (int i = 0; i < asked.Length; i++)
        {
            asked[i].Raise(positions[i]);
            asked[i].IsKnown = true;
        }

        return states;
    }
}
