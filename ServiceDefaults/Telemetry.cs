using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CloudStore.ServiceDefaults;

/// <summary>Which traces, metrics and logs a service has, and where they go.</summary>
public static class Telemetry
{
    /// <summary>ActivitySources and Meters of the product have names that start with this.</summary>
    public const string Prefix = "CloudStore";

    // The standard variable of OpenTelemetry's OTLP exporter; Aspire's dashboard and most collectors' guides set it.
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    /// <summary>
    /// Says what is to be recorded, and exports it over OTLP when an endpoint is configured. Without one nothing records, and it costs nothing;
    /// an exporter of another kind, added through <c>AddOpenTelemetry()</c>, gets the same sources and meters.
    /// </summary>
    internal static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing
            .AddSource(Prefix + "*")
            .AddSource("Npgsql")
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddProcessor<HealthRequestFilter>());

        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics
            .AddMeter(Prefix + "*")
            .AddMeter("Npgsql")
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddRuntimeInstrumentation());

        if (!string.IsNullOrWhiteSpace(builder.Configuration[Endpoint]))
        {
            builder.Export();
        }
    }

    private static void Export(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry().WithTracing().WithMetrics().UseOtlpExporter();
        if (string.IsNullOrWhiteSpace(builder.Configuration[ServiceName]))
        {
            telemetry.ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName));
        }
    }
}
