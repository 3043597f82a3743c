using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using CloudStore.TestKit;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>A cache as an application has it, with a clock that only the test moves.</summary>
internal sealed class CacheHost : IDisposable
{
    private readonly ServiceProvider _services;

    public CacheHost(Action<CacheOptions>? options = null, Func<TimeProvider, ISharedCache>? shared = null, TimeProvider? time = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton(time ?? Time);
        if (shared is not null)
        {
            collection.AddSingleton(s => shared(s.GetRequiredService<TimeProvider>()));
        }

        services?.Invoke(collection);
        collection.AddCloudStoreCache(options);
        _services = collection.BuildServiceProvider();
        Engine = _services.GetRequiredService<CacheEngine>();
    }

    public ManualTime Time { get; } = new();

    public CacheEngine Engine { get; }

    public IStoreCache Cache => _services.GetRequiredService<IStoreCache>();

    public HybridCache Hybrid => _services.GetRequiredService<HybridCache>();

    public ISharedCache Shared => _services.GetRequiredService<ISharedCache>();

    public TenantSpace Space => Engine.Parts.Memory.For(CacheEngine.DefaultTenant);

    public void Dispose() => _services.Dispose();
}
