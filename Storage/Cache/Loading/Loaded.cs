using CloudStore.Storage.Cache.Memory;

namespace CloudStore.Storage.Cache.Loading;

/// <summary>What a load came to.</summary>
/// <param name="Found">False: nothing was there, and no factory was to run.</param>
/// <param name="Value">The value.</param>
/// <param name="Freshness">Fresh, or stale.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Entry">The entry it is of.</param>
internal sealed record Loaded<T>(bool Found, T Value, Freshness Freshness, CacheSource Source, MemoryEntry? Entry)
{
    public static readonly Loaded<T> Nothing = new(false, default!, Freshness.Dead, CacheSource.None, null);

    /// <summary>True: nothing made it invalid before the load had ended, so that whoever waited for it may have it.</summary>
    public bool IsValid { get; init; } = true;

    /// <summary>True: the value was refused a place, since the key was set or removed while it was made.</summary>
    public bool WasRefused { get; init; }
}
