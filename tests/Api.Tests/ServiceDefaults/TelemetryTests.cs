using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CloudStore.Api.Tests.ServiceDefaults;

// Sources and meters belong to the process: what other tests do at the same time would be collected too.
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public async Task Nothing_is_collected_where_no_endpoint_is_configured()
    {
        var builder = LocalServer.CreateBuilder((Endpoint, ""));
        builder.AddServiceDefaults();
        await using var app = builder.Build();

        Assert.Null(app.Services.GetService<TracerProvider>());
        Assert.Null(app.Services.GetService<MeterProvider>());
        Assert.Null(app.Services.GetService<LoggerProvider>());
        Assert.DoesNotContain(app.Services.GetServices<ILoggerProvider>(), p => p is OpenTelemetryLoggerProvider);
    }

    [Fact]
    public async Task Traces_metrics_and_logs_reach_a_collector()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectorAsync(received);

        await using (var app = await ServiceAsync(collector))
        {
            // Without a propagator the client itself is not traced, only the server is.
            using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
            using var client = new HttpClient(handler) { BaseAddress = new Uri(app.Address()) };
            await client.GetStringAsync(new Uri("/hello", UriKind.Relative), TestContext.Current.CancellationToken);
            await client.GetStringAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("/hello", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("CloudStore.Test.Source", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("a-service-name", received["/v1/traces"], StringComparison.Ordinal);
        Assert.DoesNotContain("/alive", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("kestrel.", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("dotnet.gc.collections", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("cloudstore.test.count", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("greeted a caller", received["/v1/logs"], StringComparison.Ordinal);
    }

    private static Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, string> received) =>
        LocalServer.StartAsync(app => app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            // Strings are UTF-8 in protobuf, and so can be searched for in the body as it is.
            var text = Encoding.UTF8.GetString(body.ToArray());
            received.AddOrUpdate(http.Request.Path, text, (_, before) => before + text);
        }));

    private static async Task<WebApplication> ServiceAsync(WebApplication collector)
    {
        var builder = LocalServer.CreateBuilder(
            (Endpoint, collector.Address()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_SERVICE_NAME", "a-service-name"));
        builder.AddServiceDefaults();
        builder.Services.AddSingleton(new ActivitySource("CloudStore.Test.Source"));
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/hello", (ActivitySource source, IMeterFactory meters, ILogger<TelemetryTests> log) =>
        {
            using var activity = source.StartActivity("greet");
            meters.Create("CloudStore.Test.Meter").CreateCounter<int>("cloudstore.test.count").Add(1);
            log.LogWarning("{Verb} a caller", "greeted");
            return "hello";
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
