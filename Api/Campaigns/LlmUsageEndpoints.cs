using CloudStore.Api.Cache.Answers;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Campaigns;

/// <summary><c>/v1/llm-usage</c>: calls of language models and their totals.</summary>
internal static class LlmUsageEndpoints
{
    public static void MapLlmUsage(this IEndpointRouteBuilder routes)
    {
        var usage = routes.MapGroup("/v1/llm-usage").WithTags("LLM usage").RequireRole(Role.Reader);
        usage.MapGet("/", ListAsync).CachesList("llm_usage").WithName("listLlmUsage").WithSummary("List calls of language models")
            .WithDescription("Newest first. Sortable by createdAt, at, cost and totalTokens.")
            .WithExample(null, new Page<LlmUsage>([CampaignExamples.Usage], null, null));
        usage.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createLlmUsage").WithSummary("Record a call of a language model")
            .WithDescription("totalTokens is the sum of the two where absent, at is now.").WithExample(CampaignExamples.UsageDraft, CampaignExamples.Usage);
        usage.MapGet("/{id:guid}", GetAsync).CachesRecord("llm_usage").WithName("getLlmUsage").WithSummary("Read a call of a language model").WithExample(null, CampaignExamples.Usage);
        usage.MapGet("/totals", TotalsAsync).CachesList("llm_usage").WithName("getLlmUsageTotals").WithSummary("Sum model usage up by group")
            .WithDescription("groupBy is provider, model, operation or day. Costs of several currencies are not added: cost is null then, and costs has each.")
            .WithExample(null, CampaignExamples.Totals);
    }

    private static async Task<Ok<Page<LlmUsage>>> ListAsync([AsParameters] LlmUsageQuery query, [AsParameters] ListQuery list, LlmUsageService usage, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await usage.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<LlmUsage>> CreateAsync(LlmUsageDraft draft, LlmUsageService usage, HttpContext http, CancellationToken cancellationToken)
    {
        var call = await usage.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, call, $"/v1/llm-usage/{call.Id}", call.Revision);
    }

    private static async Task<Results<Ok<LlmUsage>, NotModified>> GetAsync(Guid id, LlmUsageService usage, HttpContext http, CancellationToken cancellationToken)
    {
        var call = await usage.GetAsync(id, cancellationToken);
        return Answers.Read(http, call, call.Revision);
    }

    private static async Task<Ok<LlmUsageTotals>> TotalsAsync([OneOf(typeof(LlmUsageGroup), "What to sum up by.")] string? groupBy, [AsParameters] LlmUsageQuery query, LlmUsageService usage, CancellationToken cancellationToken) =>
        TypedResults.Ok(await usage.TotalsAsync(query.ToFilter(), QueryEnum.Required<LlmUsageGroup>("groupBy", groupBy), cancellationToken));
}
