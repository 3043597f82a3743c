using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>Builds the providers that were asked for: they listen from the moment they exist.</summary>
internal sealed class TelemetryHostedService(IServiceProvider services) : IHostedService
{
    // A collector that is away must not hold up the process's end for long.
    private const int FlushMilliseconds = 5_000;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetService<MeterProvider>();
        services.GetService<TracerProvider>();
        services.GetService<LoggerProvider>();
        return Task.CompletedTask;
    }

    /// <summary>Sends what is left. Services stop in reverse order, so this one is last and has seen what the others did.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            services.GetService<MeterProvider>()?.ForceFlush(FlushMilliseconds);
            services.GetService<TracerProvider>()?.ForceFlush(FlushMilliseconds);
            services.GetService<LoggerProvider>()?.ForceFlush(FlushMilliseconds);
        },
        cancellationToken);
}
