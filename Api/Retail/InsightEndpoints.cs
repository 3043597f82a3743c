using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Sales;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Retail;

/// <summary><c>/v1/retail/insights</c>: what the sales show, with the evidence.</summary>
internal static class InsightEndpoints
{
    public static void MapInsights(this IEndpointRouteBuilder routes)
    {
        var insights = routes.MapGroup("/v1/retail/insights").WithTags("Retail").RequireRole(Role.Reader);
        insights.MapPost("/", FindAsync).RequireRole(Role.Writer).WithName("findInsights").WithSummary("Find insights")
            .WithDescription("Each states one figure; its evidence names the figures behind it, the call that answers with each, and the formula.")
            .WithExample(new SaleSelection { StoreId = "S1" }, new[] { AnalysisExamples.Insight });
        insights.MapGet("/", ListAsync).WithName("listInsights").WithSummary("List insights").WithDescription("Newest first.")
            .WithExample(null, AnalysisExamples.Page(AnalysisExamples.Insight));
        insights.MapGet("/{id:guid}", GetAsync).WithName("getInsight").WithSummary("Read an insight").WithExample(null, AnalysisExamples.Insight);
    }

    private static async Task<Ok<IReadOnlyList<Insight>>> FindAsync(SaleSelection selection, RetailProcessor retail, CancellationToken cancellationToken) =>
        TypedResults.Ok(await retail.FindInsights(selection.ToFilter(), cancellationToken));

    private static async Task<Ok<Page<Insight>>> ListAsync(
        [AsParameters] ListQuery list, [OneOf(typeof(InsightType), "Exactly this type.")] string? type, InsightService insights, CancellationToken cancellationToken)
    {
        var only = QueryEnum.Optional<InsightType>("type", type);
        return TypedResults.Ok(await insights.ListAsync(only, list.ToPage($"insights\u001f{only}"), cancellationToken));
    }

    private static async Task<Results<Ok<Insight>, NotModified>> GetAsync(Guid id, InsightService insights, HttpContext http, CancellationToken cancellationToken)
    {
        var insight = await insights.GetAsync(id, cancellationToken);
        return Answers.Read(http, insight, insight.Revision);
    }
}
