using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Cache;

/// <summary>Registers the cache, in this product and in any application.</summary>
public static class CacheSetup
{
    /// <summary>
    /// Adds <see cref="CacheEngine"/>, and as <see cref="HybridCache"/> and <see cref="IStoreCache"/> the cache of <see cref="CacheEngine.DefaultTenant"/>. Settings come from the
    /// section <c>Cache</c> where there is a configuration, and are checked when the application starts. Processes share what they have: Redis where an
    /// IConnectionMultiplexer is registered, the records' database where the records engine is; without either the cache is this process's memory.
    /// </summary>
    public static IServiceCollection AddCloudStoreCache(this IServiceCollection services, Action<CacheOptions>? configure = null)
    {
        services.AddOptions<CacheOptions>()
            .Configure<IServiceProvider>((options, s) => s.GetService<IConfiguration>()?.GetSection(CacheOptions.Section).Bind(options))
            .Configure(configure ?? (_ => { }))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddOptions<CacheJsonOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSharedCache();
        services.TryAddSingleton<CacheEngine>();
        services.TryAddSingleton(s => s.GetRequiredService<CacheEngine>().For(CacheEngine.DefaultTenant));
        services.TryAddSingleton<IStoreCache>(s => s.GetRequiredService<StoreCache>());
        services.TryAddSingleton<HybridCache>(s => s.GetRequiredService<StoreCache>());
        return services;
    }
}
