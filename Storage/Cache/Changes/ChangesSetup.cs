using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Cache.Changes;

/// <summary>Registers what invalidates the cache after records changed. Needs the shared cache.</summary>
internal static class ChangesSetup
{
    public static IServiceCollection AddRecordChanges(this IServiceCollection services)
    {
        services.AddSingleton<RecordChanges>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<RecordChanges>());
        return services;
    }
}
