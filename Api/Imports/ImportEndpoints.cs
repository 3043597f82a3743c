using System.Net.ServerSentEvents;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Imports;

/// <summary><c>/v1/imports</c>: files go in, jobs come out.</summary>
public static class ImportEndpoints
{
    private static readonly ImportView Example = new()
    {
        Id = Guid.Parse("019a6b1e-7c00-7000-8000-2f1d5c3b7a90"),
        Target = "campaigns",
        Status = ImportStatus.Running,
        RowsRead = 40_000,
        RowsLoaded = 39_988,
        RowsUpdated = 0,
        RowsSkipped = 0,
        RowsRejected = 12,
        RowsFlagged = 0,
        BytesRead = 5_810_000,
        BytesTotal = 145_256_910,
        RowsPerSecond = 52_300.5,
        EtaSeconds = 18.4,
        CreatedAt = new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc),
        StartedAt = new DateTime(2026, 1, 31, 9, 30, 1, DateTimeKind.Utc),
        FinishedAt = null,
        Warning = null,
        Error = null,
    };

    /// <summary>What a target's fields are called and which headers mean them.</summary>
    /// <param name="Target">As in <c>target=</c>.</param>
    /// <param name="HasKey">Whether rows have a key, so that <c>onConflict</c> and <c>key</c> mean something.</param>
    /// <param name="Fields">The fields a file can fill.</param>
    public sealed record TargetView(string Target, bool HasKey, IReadOnlyList<FieldView> Fields);

    /// <param name="Name">As in <c>map=</c> and <c>set=</c>.</param>
    /// <param name="Type">How its text is read.</param>
    /// <param name="Required">Whether each row must have it.</param>
    /// <param name="Aliases">Header names that mean it, without case, spaces and signs.</param>
    public sealed record FieldView(string Name, FieldType Type, bool Required, IReadOnlyList<string> Aliases);

    public static IEndpointRouteBuilder MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/v1/imports").WithTags("Imports").RequireRole(Role.Reader);
        imports.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createImport").WithSummary("Load a file")
            .WithDescription("The body is the file (or a multipart form with one): CSV, JSON Lines or a JSON array, plain or gzip. 202 with the job; 200 with the first job where the same "
                + "file was loaded into the target before and force=true does not ask for it again.")
            .WithMetadata([.. ImportParameters.All])
            .Accepts<string>("text/csv", "application/x-ndjson", "application/json", "application/gzip", "multipart/form-data", "application/octet-stream", "*/*")
            .Produces<ImportView>(202).Produces<ImportView>(200)
            .WithMetadata(StreamedBody.Instance)
            .WithExample("campaignId,date,platform,spend,impressions,clicks\nc-1,2026-01-31,meta,12.50,1000,25\n", Example with { Status = ImportStatus.Queued });
        imports.MapGet("/", ListAsync).WithName("listImports").WithSummary("List the imports").WithDescription("Newest first. status= (queued, running, succeeded, failed, cancelled) lists only those.")
            .WithExample(null, new Page<ImportView>([Example], null, null));
        imports.MapGet("/targets", Targets).WithName("listImportTargets").WithSummary("List what files can be loaded into")
            .WithExample(null, new[] { new TargetView("campaigns", true, [new FieldView("spend", FieldType.Decimal, false, ["cost", "amountspent"])]) });
        imports.MapGet("/{id:guid}", GetAsync).WithName("getImport").WithSummary("Read an import's progress").WithExample(null, Example);
        imports.MapGet("/{id:guid}/events", EventsAsync).WithName("followImport").WithSummary("Follow an import's progress as Server-Sent Events")
            .WithDescription("An event `progress` with the import each time it gets further, and `end` when it is over.")
            .Produces<string>(200, "text/event-stream").WithExample(null, "event: progress\ndata: {\"status\":\"running\",\"rowsRead\":40000}\n\n");
        imports.MapGet("/{id:guid}/rejects", RejectsAsync).WithName("getImportRejects").WithSummary("Read an import's rejected rows as CSV")
            .WithDescription("line, column, value and reason, and behind them the row's own columns. Mended, it can be loaded as it is.")
            .Produces<string>(200, "text/csv").WithExample(null, "line,column,value,reason,campaignId,clicks\n7,clicks,abc,clicks: 'abc' is not a number.,c-7,abc\n");
        imports.MapDelete("/{id:guid}", CancelAsync).RequireRole(Role.Writer).WithName("cancelImport").WithSummary("Cancel an import")
            .WithDescription("Rows committed before stay. A finished import stays as it is.").WithExample(null, Example with { Status = ImportStatus.Cancelled });
        return routes;
    }

    private static async Task<IResult> CreateAsync(HttpContext http, ImportService imports, ImportIdempotency idempotency, CancellationToken cancellationToken)
    {
        var plan = imports.Plan(ImportQuery.Parse(http.Request.Query["target"], http.Request.Query));
        var body = await UploadBody.OpenAsync(http.Request, cancellationToken);
        var content = await imports.StageAsync(body, cancellationToken);
        return await idempotency.EnqueueAsync(http, content, () => imports.EnqueueAsync(plan, content, cancellationToken));
    }

    private static async Task<Ok<Page<ImportView>>> ListAsync([AsParameters] ListQuery query,
        [OneOf(typeof(ImportStatus), "Exactly this status.")] string? status, ImportService imports, TimeProvider time, CancellationToken cancellationToken)
    {
        var only = QueryEnum.Optional<ImportStatus>("status", status);
        return TypedResults.Ok((await imports.ListAsync(only, query.ToPage($"imports {only}"), cancellationToken)).Map(j => ImportView.Of(j, time)));
    }

    private static Ok<TargetView[]> Targets(ImportTargets targets) =>
        TypedResults.Ok(targets.All.Select(t => new TargetView(t.Name, t.HasKey,
            [.. t.Fields.Select(f => new FieldView(f.Name, f.Type, f.Required, [.. f.Aliases, .. f.DateAliases]))])).ToArray());

    private static async Task<Ok<ImportView>> GetAsync(Guid id, ImportService imports, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(ImportView.Of(await imports.GetAsync(id, cancellationToken), time));

    private static async Task<ServerSentEventsResult<ImportView>> EventsAsync(
        Guid id, HttpContext http, ImportService imports, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var job = await imports.GetAsync(id, cancellationToken);
        // Whoever wants the head alone does not wait for the job.
        return TypedResults.ServerSentEvents(HeadRequests.IsHead(http) ? AsyncEnumerable.Empty<SseItem<ImportView>>()
            : ImportEvents.FollowAsync(imports, job, time, lifetime.ApplicationStopping, cancellationToken));
    }

    private static async Task<PushStreamHttpResult> RejectsAsync(Guid id, ImportService imports, RejectsWriter rejects, CancellationToken cancellationToken)
    {
        var job = await imports.GetAsync(id, cancellationToken);
        return TypedResults.Stream(output => rejects.WriteAsync(job, output, cancellationToken), "text/csv; charset=utf-8", $"rejects-{job.Id}.csv");
    }

    private static async Task<Ok<ImportView>> CancelAsync(Guid id, ImportService imports, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(ImportView.Of(await imports.CancelAsync(id, cancellationToken), time));
}
