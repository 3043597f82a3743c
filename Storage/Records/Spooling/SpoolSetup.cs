using CloudStore.Storage.Records.Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>Registers the spool.</summary>
public static class SpoolSetup
{
    public static IServiceCollection AddSpool(this IServiceCollection services)
    {
        services.AddOptions<SpoolOptions>().BindConfiguration(SpoolOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ISpoolKeys, SpoolKeys>();
        services.AddSingleton<Spool>();
        services.AddSingleton<SpoolReplay>();
        services.AddScoped<SpoolService>();
        services.AddIdempotency();
        services.AddHostedService<SpoolReplayer>();
        foreach (var target in typeof(ISpoolTarget).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ISpoolTarget))))
        {
            services.AddSingleton(typeof(ISpoolTarget), target);
        }

        return services;
    }
}
