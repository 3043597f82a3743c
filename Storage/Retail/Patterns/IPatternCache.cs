namespace CloudStore.Storage.Retail.Patterns;

/// <summary>
/// Keeps patterns that were made. Whoever asks says which state of the sales it wants the pattern of, so that a new sale, by whichever process it came, makes the kept
/// pattern one that nobody asks for.
/// </summary>
public interface IPatternCache
{
    /// <summary>The pattern of that key and state; null where it is not kept.</summary>
    ValueTask<DemandPattern?> FindAsync(string key, string salesVersion, CancellationToken cancellationToken = default);

    /// <summary>Keeps a pattern in place of what was kept under its key.</summary>
    ValueTask KeepAsync(string key, DemandPattern pattern, CancellationToken cancellationToken = default);
}

/// <summary>Keeps the patterns last made in this process, up to a number of them.</summary>
public sealed class MemoryPatternCache : IPatternCache
{
    /// <summary>A pattern takes about a kilobyte.</summary>
    public const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, DemandPattern Pattern)>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, DemandPattern Pattern)> _byAge = [];

    /// <inheritdoc/>
    public ValueTask<DemandPattern?> FindAsync(string key, string salesVersion, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_byKey.TryGetValue(key, out var node) && node.Value.Pattern.SalesVersion == salesVersion ? node.Value.Pattern : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask KeepAsync(string key, DemandPattern pattern, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_byKey.Remove(key, out var old))
            {
                _byAge.Remove(old);
            }

            _byKey.Add(key, _byAge.AddLast((key, pattern)));
            if (_byAge.Count > Most)
            {
                _byKey.Remove(_byAge.First!.Value.Key);
                _byAge.RemoveFirst();
            }
        }

        return ValueTask.CompletedTask;
    }
}
