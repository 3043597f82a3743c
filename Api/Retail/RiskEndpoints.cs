using System.Text.Json.Serialization;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Retail;

/// <summary>What to assess: each product named, or the whole selection where none is.</summary>
internal sealed record RiskRequest : SaleSelection
{
    /// <summary>The day it is seen from; the day of the selection's last sale where absent.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? AsOf { get; init; }
}

/// <summary><c>/v1/retail/risks</c>: what can go wrong.</summary>
internal static class RiskEndpoints
{
    public static void MapRisks(this IEndpointRouteBuilder routes)
    {
        var risks = routes.MapGroup("/v1/retail/risks").WithTags("Retail").RequireRole(Role.Reader);
        risks.MapPost("/", AssessAsync).RequireRole(Role.Writer).WithName("assessRisks").WithSummary("Assess risks")
            .WithDescription("Decline of demand, volatility, margin under the maximum retail price, concentration and stale stock: of each product named (up to 100), or of all sales of the selection together.")
            .WithExample(new RiskRequest { Products = ["RICE-5KG"] }, new[] { AnalysisExamples.Risk });
        risks.MapGet("/", ListAsync).WithName("listRisks").WithSummary("List risk assessments").WithDescription("Newest first. Sortable by createdAt and productId.")
            .WithExample(null, AnalysisExamples.Page(AnalysisExamples.Risk));
        risks.MapGet("/{id:guid}", GetAsync).WithName("getRisk").WithSummary("Read a risk assessment").WithExample(null, AnalysisExamples.Risk);
    }

    private static async Task<Ok<IReadOnlyList<RiskAssessment>>> AssessAsync(RiskRequest request, RetailProcessor retail, CancellationToken cancellationToken) =>
        TypedResults.Ok(await retail.Assess(request.ToFilter(), request.AsOf, cancellationToken));

    private static async Task<Ok<Page<RiskAssessment>>> ListAsync(
        [AsParameters] ListQuery list, [System.ComponentModel.Description("Exactly this productId.")] string? product, [OneOf(typeof(RiskKind), "Exactly this kind.")] string? kind,
        [OneOf(typeof(RiskLevel), "Exactly this level.")] string? level, RiskService risks, CancellationToken cancellationToken)
    {
        var (only, ofLevel) = (QueryEnum.Optional<RiskKind>("kind", kind), QueryEnum.Optional<RiskLevel>("level", level));
        return TypedResults.Ok(await risks.ListAsync(product, only, ofLevel, list.ToPage($"risks\u001f{product}\u001f{only}\u001f{ofLevel}"), cancellationToken));
    }

    private static async Task<Results<Ok<RiskAssessment>, NotModified>> GetAsync(Guid id, RiskService risks, HttpContext http, CancellationToken cancellationToken)
    {
        var risk = await risks.GetAsync(id, cancellationToken);
        return Answers.Read(http, risk, risk.Revision);
    }
}
