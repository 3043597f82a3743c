using System.Collections.Concurrent;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Cache;

/// <summary>The cache of this process, of which every tenant has a part of its own. One for a process.</summary>
public sealed class CacheEngine : IDisposable
{
    /// <summary>Whose the entries are of an application that knows no tenants.</summary>
    public const string DefaultTenant = "default";

    // How long what is over may take up memory that nobody asks for.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, StoreCache> _tenants = new(StringComparer.Ordinal);
    private readonly ITimer _sweeper;

    public CacheEngine(IOptions<CacheOptions> options, IOptions<CacheJsonOptions> json, ISharedCache shared, TimeProvider time, IServiceProvider services)
    {
        Parts = new CacheParts(options.Value, shared, new ValueCodecs(services, json), time);
        if (services.GetServices<IInvalidationSink>().ToArray() is { Length: > 0 } others)
        {
            shared.Follow(new InvalidationFanOut([Parts.Memory, .. others]));
        }

        _sweeper = time.CreateTimer(static parts => ((CacheParts)parts!).Memory.Sweep(), Parts, SweepPeriod, SweepPeriod);
    }

    internal CacheParts Parts { get; }

    /// <summary>The cache of a tenant; the same one each time.</summary>
    public StoreCache For(string tenant) => _tenants.TryGetValue(tenant, out var cache) ? cache : Add(tenant);

    public void Dispose()
    {
        _sweeper.Dispose();
        Parts.Metrics.Dispose();
    }

    private StoreCache Add(string tenant)
    {
        Parts.Limits.CheckKey(tenant, "tenant");
        return _tenants.GetOrAdd(tenant, static (t, parts) => new StoreCache(parts, t), Parts);
    }
}
