using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Sales;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Retail;

/// <summary>Which patterns to make: of products (or categories), of units (or revenue), from which sales.</summary>
internal sealed record PatternRequest : SaleSelection
{
    /// <summary>product where absent.</summary>
    public PatternKind Kind { get; init; }

    /// <summary>units where absent.</summary>
    public PatternMeasure Measure { get; init; }
}

/// <summary><c>/v1/retail/patterns</c>: how demand goes.</summary>
internal static class PatternEndpoints
{
    public static void MapPatterns(this IEndpointRouteBuilder routes)
    {
        var patterns = routes.MapGroup("/v1/retail/patterns").WithTags("Retail").RequireRole(Role.Reader);
        patterns.MapPost("/", ExtractAsync).RequireRole(Role.Writer).WithName("extractPatterns").WithSummary("Extract demand patterns")
            .WithDescription("Makes the pattern of each product (or category) of the selection and stores it in place of the one made before with the same selection.")
            .WithExample(new PatternRequest { StoreId = "S1" }, AnalysisExamples.PatternRun);
        patterns.MapGet("/", ListAsync).WithName("listPatterns").WithSummary("List stored demand patterns").WithDescription("Newest first. Sortable by createdAt, updatedAt and subject.")
            .WithExample(null, AnalysisExamples.Page(AnalysisExamples.Pattern));
        patterns.MapGet("/{id:guid}", GetAsync).WithName("getPattern").WithSummary("Read a stored demand pattern").WithExample(null, AnalysisExamples.Pattern);
        patterns.MapGet("/current", CurrentAsync).WithName("getCurrentPattern").WithSummary("Read the pattern of a product or a category as its sales are now")
            .WithDescription("Made anew where its sales have changed since it was made last, else from the cache. Name either a product or a category.")
            .WithExample(null, AnalysisExamples.Pattern);
    }

    private static async Task<Ok<PatternRun>> ExtractAsync(PatternRequest request, RetailProcessor retail, CancellationToken cancellationToken) =>
        TypedResults.Ok(await retail.ExtractDemandPatterns(new PatternScope(request.Kind, request.Measure, request.ToFilter()), cancellationToken));

    private static async Task<Ok<Page<DemandPattern>>> ListAsync(
        [AsParameters] ListQuery list, [OneOf(typeof(PatternKind), "Exactly this kind.")] string? kind, [System.ComponentModel.Description("Exactly this product or category.")] string? subject,
        [OneOf(typeof(DemandClass), "Exactly this class.")] string? demandClass, PatternService patterns, CancellationToken cancellationToken)
    {
        var (only, ofClass) = (QueryEnum.Optional<PatternKind>("kind", kind), QueryEnum.Optional<DemandClass>("demandClass", demandClass));
        return TypedResults.Ok(await patterns.ListAsync(only, subject, ofClass, list.ToPage($"patterns\u001f{only}\u001f{subject}\u001f{ofClass}"), cancellationToken));
    }

    private static async Task<Results<Ok<DemandPattern>, NotModified>> GetAsync(Guid id, PatternService patterns, HttpContext http, CancellationToken cancellationToken)
    {
        var pattern = await patterns.GetAsync(id, cancellationToken);
        return Answers.Read(http, pattern, pattern.Revision);
    }

    private static async Task<Ok<DemandPattern>> CurrentAsync(
        [System.ComponentModel.Description("The productId.")] string? product, [System.ComponentModel.Description("The category.")] string? category,
        [System.ComponentModel.Description("Of this store only.")] string? store, [System.ComponentModel.Description("Of sales in this currency only.")] string? currency,
        [OneOf(typeof(PatternMeasure), "What is counted; units where absent.")] string? measure, PatternService patterns, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(product) == string.IsNullOrEmpty(category))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "product", "one-of", "Name a product or a category, one of them.");
        }

        var kind = string.IsNullOrEmpty(product) ? PatternKind.Category : PatternKind.Product;
        var scope = new PatternScope(kind, QueryEnum.Optional<PatternMeasure>("measure", measure) ?? PatternMeasure.Units, new SaleFilter { StoreId = store, Currency = currency });
        return TypedResults.Ok(await patterns.CurrentAsync(scope, kind == PatternKind.Product ? product! : category!, cancellationToken));
    }
}
