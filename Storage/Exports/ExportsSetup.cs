using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Exports;

/// <summary>Registers the export engine; it needs the import engine, whose targets its sources mirror.</summary>
public static class ExportsSetup
{
    public static IServiceCollection AddExports(this IServiceCollection services)
    {
        services.AddOptions<ExportSettings>().BindConfiguration(ExportSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        foreach (var source in typeof(ExportSource).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ExportSource))))
        {
            services.AddSingleton(typeof(ExportSource), source);
        }

        services.AddSingleton<ExportSources>();
        services.AddSingleton<ExportGate>();
        services.AddScoped<ExportRunner>();
        return services;
    }
}
