using System.Globalization;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// Names in Redis. Those of the log have their installation in braces, so that a cluster keeps them in one slot, where one script can use them; entries spread.
/// </summary>
/// <param name="installation">Keeps installations that share a Redis apart.</param>
internal sealed class RedisNames(string installation)
{
    private readonly string _entries = $"cs:{installation}:";

    /// <summary>A hash: g the generation, p the last sequence, b the base, run the server's run id when the generation began.</summary>
    public RedisKey Meta { get; } = $"cs:{{{installation}}}:meta";

    /// <summary>A list of the last lines.</summary>
    public RedisKey Log { get; } = $"cs:{{{installation}}}:log";

    /// <summary>A hash of the positions of tags.</summary>
    public RedisKey Tags { get; } = $"cs:{{{installation}}}:tags";

    /// <summary>A hash of the positions of prefixes and tenants.</summary>
    public RedisKey Floors { get; } = $"cs:{{{installation}}}:floors";

    /// <summary>What is written to see whether it can be.</summary>
    public RedisKey Probe { get; } = $"cs:{{{installation}}}:probe";

    /// <summary>The channel of the bell.</summary>
    public string Bell { get; } = $"cs:{{{installation}}}:bell";

    public RedisKey Entry(Place place) => Name(place, ":e:");

    public RedisKey Lease(Place place) => Name(place, ":l:");

    // A tenant's name might have a colon in it: then another tenant's key could be spelled with it.
    private RedisKey Name(Place place, string kind) => string.Concat(
        string.Concat(_entries, place.Generation.ToString("x", CultureInfo.InvariantCulture), ":", place.Floor.ToString("x", CultureInfo.InvariantCulture)),
        kind, place.Tenant.AsSpan().ContainsAny(':', '%') ? Uri.EscapeDataString(place.Tenant) : place.Tenant, ":" + place.Key);
}
