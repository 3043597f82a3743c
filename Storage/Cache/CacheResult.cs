using System.Diagnostics.CodeAnalysis;

namespace CloudStore.Storage.Cache;

/// <summary>What a key had.</summary>
/// <param name="Found">False: nothing, and <see cref="Value"/> says nothing.</param>
/// <param name="Value">The value.</param>
/// <param name="Stale">True: past its time to live, served while the factory runs or fails.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Remaining">How long it will be fresh; null for what does not say, zero for a stale one.</param>
/// <param name="ETag">Changes whenever the entry is set; quoted, as HTTP wants it. Null where nothing was found.</param>
public readonly record struct CacheResult<T>(
    [property: MemberNotNullWhen(true, "Value")] bool Found, T? Value, bool Stale, CacheSource Source, TimeSpan? Remaining = null, string? ETag = null);

/// <summary>Where a value came from.</summary>
public enum CacheSource
{
    None,
    Memory,
    Redis,
    Database,
    Factory,
}
