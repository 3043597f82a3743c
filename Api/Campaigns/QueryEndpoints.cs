using CloudStore.Api.Cache.Answers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Campaigns;

/// <summary><c>/v1/queries</c>: questions, answers and what was thought of them.</summary>
internal static class QueryEndpoints
{
    public static void MapQueries(this IEndpointRouteBuilder routes)
    {
        var queries = routes.MapGroup("/v1/queries").WithTags("Queries").RequireRole(Role.Reader);
        queries.MapGet("/", ListAsync).CachesList("query_history").WithName("listQueries").WithSummary("List the query history")
            .WithDescription("Newest first; feedback (-1, 0, 1) filters. Sortable by createdAt, updatedAt and latency.")
            .WithExample(null, new Page<QueryHistory>([CampaignExamples.Query], null, null));
        queries.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createQuery").WithSummary("Record a question and its answer")
            .WithExample(CampaignExamples.QueryDraft, CampaignExamples.Query);
        queries.MapGet("/{id:guid}", GetAsync).CachesRecord("query_history").WithName("getQuery").WithSummary("Read a question and its answer").WithExample(null, CampaignExamples.Query);
        queries.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchQuery").WithSummary("Change parts of an entry")
            .WithExample(new QueryDraft { Answer = "Google, at 5.01." }, CampaignExamples.Query);
        queries.MapPut("/{id:guid}/feedback", RateAsync).RequireRole(Role.Writer).WithName("rateQuery").WithSummary("Say what the answer was worth")
            .WithDescription("-1 not helpful, 0 neutral, 1 helpful. The last word counts.").WithExample(CampaignExamples.Feedback, CampaignExamples.Query);
        queries.MapPost("/{id:guid}/feedback", RateAsync).RequireRole(Role.Writer).WithName("addQueryFeedback").WithSummary("Say what the answer was worth")
            .WithDescription("The same as PUT.").WithExample(CampaignExamples.Feedback, CampaignExamples.Query);
        queries.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteQuery").WithSummary("Delete an entry");
    }

    private static async Task<Ok<Page<QueryHistory>>> ListAsync([Range(-1, 1), Description("Exactly this feedback.")] int? feedback, [AsParameters] ListQuery list, QueryService queries, CancellationToken cancellationToken) =>
        TypedResults.Ok(await queries.ListAsync(feedback, list.ToPage($"queries\u001f{feedback}"), cancellationToken));

    private static async Task<Created<QueryHistory>> CreateAsync(QueryDraft draft, QueryService queries, HttpContext http, CancellationToken cancellationToken)
    {
        var query = await queries.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, query, $"/v1/queries/{query.Id}", query.Revision);
    }

    private static async Task<Results<Ok<QueryHistory>, NotModified>> GetAsync(Guid id, QueryService queries, HttpContext http, CancellationToken cancellationToken)
    {
        var query = await queries.GetAsync(id, cancellationToken);
        return Answers.Read(http, query, query.Revision);
    }

    private static async Task<Ok<QueryHistory>> PatchAsync(Guid id, MergePatch<QueryDraft> patch, QueryService queries, HttpContext http, CancellationToken cancellationToken)
    {
        var query = await queries.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, query, query.Revision);
    }

    private static async Task<Ok<QueryHistory>> RateAsync(Guid id, FeedbackDraft feedback, QueryService queries, HttpContext http, CancellationToken cancellationToken)
    {
        var query = await queries.RateAsync(id, ETag.Expected(http.Request), feedback, cancellationToken);
        return Answers.Ok(http, query, query.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, QueryService queries, HttpRequest request, CancellationToken cancellationToken)
    {
        await queries.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
