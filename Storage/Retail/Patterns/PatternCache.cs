using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>
/// Keeps patterns that were made. Whoever asks says which state of the sales it wants the pattern of, so that a new sale, by whichever process it came, makes the kept
/// pattern one that nobody asks for. In this process's memory alone: what is made of prices that are stored encrypted does not lie about elsewhere.
/// </summary>
public sealed class PatternCache(StoreContext context, CacheEngine cache)
{
    // About what a pattern takes.
    private const int Bytes = 1_024;

    private static readonly CacheEntryOptions Options = new() { TimeToLive = TimeSpan.FromHours(12), Layers = CacheLayers.Memory, Size = Bytes };

    private IStoreCache Cache => cache.For(context.Tenant ?? throw new InvalidOperationException("Patterns are a tenant's."));

    /// <summary>The pattern of that key and state; null where it is not kept. It is shared: do not change it.</summary>
    public async ValueTask<DemandPattern?> FindAsync(string key, string salesVersion, CancellationToken cancellationToken = default) =>
        await Cache.GetAsync<Kept>(Name(key), cancellationToken) is { Found: true, Value.Pattern: var pattern } && pattern.SalesVersion == salesVersion ? pattern : null;

    /// <summary>Keeps a pattern in place of what was kept under its key.</summary>
    public async ValueTask KeepAsync(string key, DemandPattern pattern, CancellationToken cancellationToken = default) =>
        await Cache.SetAsync(Name(key), new Kept(pattern), Options, SetMode.Always, cancellationToken);

    // Keys hold names of products and stores, of any length.
    private static string Name(string key) => $"{RecordTags.Own}patterns/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";

    /// <summary>One instance serves all callers.</summary>
    [ImmutableObject(true)]
    private sealed record Kept([property: JsonIgnore] DemandPattern Pattern);
}
