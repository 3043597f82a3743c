using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Access;

/// <summary>Registers access keys and puts them before a service's endpoints. Needs the records engine.</summary>
public static class AccessSetup
{
    /// <summary>A second call does nothing.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(KeyVerifier)))
        {
            return services;
        }

        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccessOptions>, AccessOptions.Validator>());
        services.AddSingleton<KeyUses>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<KeyUses>());
        services.AddSingleton<KeyVerifier>();
        services.AddSingleton<IInvalidationSink, KeyInvalidations>();
        services.AddSingleton<DeniedRequests>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<DeniedRequests>());
        services.AddSingleton<AccessBootstrap>();
        // The pager needs the cursors' key, which is read at start; creating and revoking keys do not.
        services.AddScoped<Func<Pager>>(s => s.GetRequiredService<Pager>);
        services.AddScoped<AccessKeys>();
        return services;
    }

    /// <summary>Checks the key of every request. Call it after UseRouting: the endpoint says which role it needs. A second call does nothing.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Properties.TryAdd(typeof(AccessSetup).FullName!, true) ? app.UseMiddleware<AccessMiddleware>() : app;
    }
}
