using System.ComponentModel;
using CloudStore.Api.Cache.Answers;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Metrics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of metrics as query parameters.</summary>
internal readonly record struct MetricQuery(
    [property: FromQuery(Name = "name"), Description("Exactly this name.")] string? Name,
    [property: FromQuery(Name = "unit"), Description("Exactly this unit.")] string? Unit,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    public MetricFilter ToFilter() => new(Name, Unit, DateParameter.From(From), DateParameter.To(To));
}

/// <summary><c>/v1/voice/metrics</c>: what was measured of the system.</summary>
internal static class MetricEndpoints
{
    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/metrics").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).CachesList("voice_metrics").WithName("listVoiceMetrics").WithSummary("List metrics")
            .WithDescription("Newest first; from and to are of at. Sortable by createdAt, at and value.").WithExample(null, VoiceExamples.Page(VoiceExamples.Metric));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceMetric").WithSummary("Create a metric")
            .WithDescription("Many at once go through /v1/imports or /v1/streams, target voice.metrics.").WithExample(VoiceExamples.MetricDraft, VoiceExamples.Metric);
        group.MapGet("/{id:guid}", GetAsync).CachesRecord("voice_metrics").WithName("getVoiceMetric").WithSummary("Read a metric").WithExample(null, VoiceExamples.Metric);
        group.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceVoiceMetric").WithSummary("Replace a metric")
            .WithDescription("What the body leaves out is cleared.").WithExample(VoiceExamples.MetricDraft, VoiceExamples.Metric);
        group.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchVoiceMetric").WithSummary("Change parts of a metric")
            .WithExample(new MetricDraft { Unit = "s", Value = 0.412m }, VoiceExamples.Metric);
        group.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteVoiceMetric").WithSummary("Delete a metric")
            .WithDescription("The record is kept, out of sight, with when, who and the reason.");
    }

    private static async Task<Ok<Page<SystemMetric>>> ListAsync([AsParameters] MetricQuery query, [AsParameters] ListQuery list, MetricService service, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await service.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<SystemMetric>> CreateAsync(MetricDraft draft, MetricService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/metrics/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<SystemMetric>, NotModified>> GetAsync(Guid id, MetricService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<SystemMetric>> ReplaceAsync(Guid id, MetricDraft draft, MetricService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<Ok<SystemMetric>> PatchAsync(Guid id, MergePatch<MetricDraft> patch, MetricService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, MetricService service, HttpRequest request, CancellationToken cancellationToken)
    {
        await service.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
