using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Streams;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace CloudStore.Ingestion;

/// <summary><c>POST /v1/streams/{target}</c>: NDJSON in without end, NDJSON acknowledgements out, on one connection.</summary>
public static class StreamEndpoint
{
    private const string NdJson = "application/x-ndjson";

    public static IEndpointRouteBuilder MapStreams(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/streams/{target}", HandleAsync)
            .RequireRole(Role.Writer)
            .WithName("stream")
            .WithTags("Streams")
            .WithSummary("Load rows from a stream of NDJSON")
            .WithDescription("Rows are committed in micro-batches. Each commit is acknowledged by a line of NDJSON that names the last committed line, its counts and its rejected rows.")
            .Accepts<JsonElement>(NdJson, "*/*")
            .WithMetadata(StreamedBody.Instance)
            .Produces<StreamAck>(200, NdJson);
        return routes;
    }

    private static async Task HandleAsync(string target, HttpContext http, ImportService imports, StreamLoader loader, IOptions<StreamSettings> settings, IHostApplicationLifetime lifetime,
        [AsParameters] StreamQuery query, int? batchRows, int? batchMilliseconds)
    {
        var options = ImportQuery.Parse(target, http.Request.Query);
        var plan = imports.Plan(options);
        var batches = new StreamSettings
        {
            BatchRows = ImportQuery.InRange("batchRows", batchRows, settings.Value.BatchRows),
            BatchMilliseconds = ImportQuery.InRange("batchMilliseconds", batchMilliseconds, settings.Value.BatchMilliseconds),
        };

        // A stream may be slow and may be long: neither is an attack here.
        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        http.Response.ContentType = NdJson;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.StartAsync(http.RequestAborted);
        await loader.LoadAsync(plan, http.Request.Body, batches, ack => WriteAsync(http, ack), lifetime.ApplicationStopping, http.RequestAborted);
    }

    private static async Task WriteAsync(HttpContext http, StreamAck ack)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        await JsonSerializer.SerializeAsync(http.Response.Body, ack, StreamJson.Relaxed.StreamAck, http.RequestAborted);
        await http.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
