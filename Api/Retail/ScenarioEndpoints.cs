using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Retail.Scenarios;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Retail;

/// <summary><c>/v1/retail/scenarios</c>: what would be if.</summary>
internal static class ScenarioEndpoints
{
    public static void MapScenarios(this IEndpointRouteBuilder routes)
    {
        var scenarios = routes.MapGroup("/v1/retail/scenarios").WithTags("Retail").RequireRole(Role.Reader);
        scenarios.MapPost("/", SimulateAsync).RequireRole(Role.Writer).WithName("simulateScenario").WithSummary("Simulate a scenario")
            .WithDescription("priceChange and promotion use the product's elasticity, estimated from its own sales; where its price never varied the answer is 422 and says so. demandShift changes the demand itself.")
            .WithExample(AnalysisExamples.ScenarioDraft, AnalysisExamples.Scenario);
        scenarios.MapGet("/", ListAsync).WithName("listScenarios").WithSummary("List scenarios").WithDescription("Newest first. Sortable by createdAt and name.")
            .WithExample(null, AnalysisExamples.Page(AnalysisExamples.Scenario));
        scenarios.MapGet("/{id:guid}", GetAsync).WithName("getScenario").WithSummary("Read a scenario").WithExample(null, AnalysisExamples.Scenario);
        scenarios.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteScenario").WithSummary("Delete a scenario");
    }

    private static async Task<Created<Scenario>> SimulateAsync(ScenarioDraft draft, RetailProcessor retail, HttpContext http, CancellationToken cancellationToken)
    {
        var scenario = await retail.Simulate(draft, cancellationToken);
        return Answers.Created(http, scenario, $"/v1/retail/scenarios/{scenario.Id}", scenario.Revision);
    }

    private static async Task<Ok<Page<Scenario>>> ListAsync(
        [AsParameters] ListQuery list, [OneOf(typeof(ScenarioKind), "Exactly this kind.")] string? kind, ScenarioService scenarios, CancellationToken cancellationToken)
    {
        var only = QueryEnum.Optional<ScenarioKind>("kind", kind);
        return TypedResults.Ok(await scenarios.ListAsync(only, list.ToPage($"scenarios\u001f{only}"), cancellationToken));
    }

    private static async Task<Results<Ok<Scenario>, NotModified>> GetAsync(Guid id, ScenarioService scenarios, HttpContext http, CancellationToken cancellationToken)
    {
        var scenario = await scenarios.GetAsync(id, cancellationToken);
        return Answers.Read(http, scenario, scenario.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, ScenarioService scenarios, HttpRequest request, CancellationToken cancellationToken)
    {
        await scenarios.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
