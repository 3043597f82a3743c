using CloudStore.Storage.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Cache.Changes;

/// <summary>Registers what ties the cache to records and callers. Needs <see cref="CacheSetup.AddCloudStoreCache"/>.</summary>
internal static class ChangesSetup
{
    public static IServiceCollection AddRecordChanges(this IServiceCollection services)
    {
        // In the product, who asks for the cache gets the part of the tenant that is asking.
        services.Replace(ServiceDescriptor.Scoped<IStoreCache>(s => s.GetRequiredService<CacheEngine>().For(s.GetRequiredService<CallerScope>().Required.Tenant)));
        services.AddSingleton<RecordChanges>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<RecordChanges>());
        return services;
    }
}
