using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Protection.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>Registers the layers that processes share, as far as an application has them.</summary>
public static class SharedCacheSetup
{
    /// <summary>Name of Redis's connection string.</summary>
    public const string ConnectionName = "cache";

    /// <summary>Redis where its connection string is set, and the records' database.</summary>
    public static IHostApplicationBuilder AddSharedCache(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ConnectionName)))
        {
            builder.AddRedisClient(ConnectionName, configureOptions: o => o.AbortOnConnectFail = false);
        }

        builder.Services.AddSharedCache();
        return builder;
    }

    /// <summary>Redis where a client of it is registered, and the records' database where the records engine is.</summary>
    public static IServiceCollection AddSharedCache(this IServiceCollection services)
    {
        services.TryAddSingleton(s => s.GetService<KeyDatabase>() is { } keys
            ? new CacheDatabase(keys.Dialect, keys.ConnectionString, s.GetRequiredService<IOptions<CacheOptions>>().Value.DatabaseTimeoutSeconds)
            : throw new InvalidOperationException("The records engine is not registered."));
        services.TryAddSingleton(s => new DatabaseCleanup(s.GetRequiredService<CacheDatabase>(), s.GetService<TimeProvider>() ?? TimeProvider.System));
        services.TryAddSingleton<SharedCache>(s => new SharedCache(
            s.GetRequiredService<IOptions<CacheOptions>>().Value,
            Has<IConnectionMultiplexer>(s) ? s.GetRequiredService<IConnectionMultiplexer> : null,
            Has<KeyDatabase>(s) ? s.GetRequiredService<CacheDatabase>() : null,
            s.GetService<TimeProvider>() ?? TimeProvider.System,
            s.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance));
        services.TryAddSingleton<ISharedCache>(s => Has<IConnectionMultiplexer>(s) || Has<KeyDatabase>(s)
            ? s.GetRequiredService<SharedCache>()
            : new NoSharedCache(s.GetService<TimeProvider>() ?? TimeProvider.System));
        return services;
    }

    private static bool Has<T>(IServiceProvider services) => services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(T));
}
