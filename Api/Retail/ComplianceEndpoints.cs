using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Sales;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Retail;

/// <summary><c>/v1/retail/compliance</c>: whether anything was sold above its maximum retail price.</summary>
internal static class ComplianceEndpoints
{
    public static void MapCompliance(this IEndpointRouteBuilder routes)
    {
        var compliance = routes.MapGroup("/v1/retail/compliance").WithTags("Retail").RequireRole(Role.Reader);
        compliance.MapPost("/", CheckAsync).RequireRole(Role.Writer).WithName("checkCompliance").WithSummary("Check the maximum retail price")
            .WithDescription("India: Legal Metrology (Packaged Commodities) Rules, 2011, rule 18(2). The first result is for all sales of the selection; behind it come those of products sold above their printed price, with the amounts.")
            .WithExample(new SaleSelection { Category = "Staples" }, new[] { AnalysisExamples.Compliance });
        compliance.MapGet("/", ListAsync).WithName("listCompliance").WithSummary("List compliance results").WithDescription("Newest first. Sortable by createdAt and violationCount.")
            .WithExample(null, AnalysisExamples.Page(AnalysisExamples.Compliance));
        compliance.MapGet("/{id:guid}", GetAsync).WithName("getCompliance").WithSummary("Read a compliance result").WithExample(null, AnalysisExamples.Compliance);
    }

    private static async Task<Ok<IReadOnlyList<ComplianceResult>>> CheckAsync(SaleSelection selection, RetailProcessor retail, CancellationToken cancellationToken) =>
        TypedResults.Ok(await retail.CheckCompliance(selection.ToFilter(), cancellationToken));

    private static async Task<Ok<Page<ComplianceResult>>> ListAsync(
        [AsParameters] ListQuery list, [System.ComponentModel.Description("Exactly this productId.")] string? product, [OneOf(typeof(Verdict), "Exactly this verdict.")] string? verdict,
        ComplianceService compliance, CancellationToken cancellationToken)
    {
        var only = QueryEnum.Optional<Verdict>("verdict", verdict);
        return TypedResults.Ok(await compliance.ListAsync(product, only, list.ToPage($"compliance\u001f{product}\u001f{only}"), cancellationToken));
    }

    private static async Task<Results<Ok<ComplianceResult>, NotModified>> GetAsync(Guid id, ComplianceService compliance, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await compliance.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }
}
