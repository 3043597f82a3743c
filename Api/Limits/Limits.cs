using System.Collections.Concurrent;

namespace CloudStore.Api.Limits;

/// <summary>The limits of one policy (key, tenant, address) by name, made when they are first needed. Bounded: what strangers can name must not fill the memory.</summary>
/// <param name="policy">The policy's name.</param>
/// <param name="shared">Null where each process counts for itself.</param>
/// <param name="time">The clock.</param>
internal sealed class Limits(string policy, SharedBuckets? shared, TimeProvider time)
{
    /// <summary>Names that are told apart; beyond them, new ones share a limit.</summary>
    public const int Most = 10_000;

    private const string Rest = "";
    private readonly ConcurrentDictionary<string, Limit> _byName = new(StringComparer.Ordinal);

    public Limit For(string name, LimitOptions options)
    {
        if (_byName.TryGetValue(name, out var limit))
        {
            return limit;
        }

        if (_byName.Count >= Most)
        {
            foreach (var (known, unused) in _byName)
            {
                if (unused.IsFull)
                {
                    _byName.TryRemove(known, out _);
                }
            }
        }

        var key = _byName.Count >= Most ? Rest : name;
        return _byName.GetOrAdd(key, static (n, s) => new Limit($"{s.policy}:{n}", s.policy, s.options, s.shared, s.time), (policy, options, shared, time));
    }
}
