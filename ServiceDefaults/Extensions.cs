using CloudStore.ServiceDefaults;
using CloudStore.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every CloudStore service has in common.</summary>
public static class Extensions
{
    // Any other source of settings overrides these.
    private static readonly KeyValuePair<string, string?>[] Settings =
    [
        // Two lines for each request, and each migration's statements, would drown what the service itself has to say.
        new("Logging:LogLevel:Default", "Information"),
        new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),
        new("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Warning"),
        new("Logging:LogLevel:System.Net.Http", "Warning"),

        // How long callers have to finish when the process is told to stop: less than the 10 seconds after which `docker stop` kills it.
        new("shutdownTimeoutSeconds", "8"),
    ];

    /// <summary>
    /// Adds health checks, telemetry, service discovery, and resilience of outgoing HTTP. A second call does nothing, so that several services can
    /// share one process.
    /// </summary>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Properties.TryAdd(typeof(Extensions), true))
        {
            return builder;
        }

        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Settings });
        builder.AddDefaultHealthChecks();
        builder.AddTelemetry();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // Resilience lies outside discovery, so that a retry goes to the next instance. One circuit per authority: a service that
            // is down does not stop the calls to the others. A POST may have been carried out although its answer was lost: never sent twice.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods()).SelectPipelineByAuthority();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>Maps <c>/alive</c> (this process answers) and <c>/health</c> (each store's state); both are open to callers without a key.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapHealthEndpoints();
        return app;
    }
}
