using CloudStore.Api.Cache.Answers;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Campaigns;

/// <summary><c>/v1/campaigns/{id}/analyses</c> and <c>/v1/analyses</c>.</summary>
internal static class AnalysisEndpoints
{
    public static void MapAnalyses(this IEndpointRouteBuilder routes)
    {
        var page = new Page<Analysis>([CampaignExamples.Analysis], null, null);
        var ofCampaign = routes.MapGroup("/v1/campaigns/{id:guid}/analyses").WithTags("Analyses").RequireRole(Role.Reader);
        ofCampaign.MapGet("/", ListOfCampaignAsync).CachesList("analyses", "campaigns").WithName("listCampaignAnalyses").WithSummary("List a campaign's analyses")
            .WithDescription("Newest first. Sortable by createdAt, updatedAt and completedAt.").WithExample(null, page);
        ofCampaign.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createAnalysis").WithSummary("Save an analysis of a campaign")
            .WithExample(CampaignExamples.AnalysisDraft, CampaignExamples.Analysis);

        var analyses = routes.MapGroup("/v1/analyses").WithTags("Analyses").RequireRole(Role.Reader);
        analyses.MapGet("/", ListAsync).CachesList("analyses").WithName("listAnalyses").WithSummary("List analyses")
            .WithDescription("Newest first; type is auto, rag, channel or pattern, status pending, running, completed or failed. Sortable by createdAt, updatedAt and completedAt.")
            .WithExample(null, page);
        analyses.MapGet("/{id:guid}", GetAsync).CachesRecord("analyses").WithName("getAnalysis").WithSummary("Read an analysis").WithExample(null, CampaignExamples.Analysis);
        analyses.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchAnalysis").WithSummary("Change parts of an analysis")
            .WithDescription("completedAt is set when the status becomes completed or failed, unless given.")
            .WithExample(new AnalysisDraft { Status = AnalysisStatus.Failed, Error = "the model did not answer" }, CampaignExamples.Analysis);
        analyses.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteAnalysis").WithSummary("Delete an analysis");
    }

    private static async Task<Ok<Page<Analysis>>> ListOfCampaignAsync(
        Guid id, [OneOf(typeof(AnalysisType), "Exactly this type.")] string? type, [OneOf(typeof(AnalysisStatus), "Exactly this status.")] string? status,
        [AsParameters] ListQuery list, AnalysisService analyses, CancellationToken cancellationToken) =>
        TypedResults.Ok(await PageAsync(id, type, status, list, analyses, cancellationToken));

    private static async Task<Ok<Page<Analysis>>> ListAsync(
        [OneOf(typeof(AnalysisType), "Exactly this type.")] string? type, [OneOf(typeof(AnalysisStatus), "Exactly this status.")] string? status,
        [AsParameters] ListQuery list, AnalysisService analyses, CancellationToken cancellationToken) =>
        TypedResults.Ok(await PageAsync(null, type, status, list, analyses, cancellationToken));

    private static Task<Page<Analysis>> PageAsync(Guid? campaign, string? type, string? status, ListQuery list, AnalysisService analyses, CancellationToken cancellationToken)
    {
        var ofType = QueryEnum.Optional<AnalysisType>("type", type);
        var ofStatus = QueryEnum.Optional<AnalysisStatus>("status", status);
        return analyses.ListAsync(campaign, ofType, ofStatus, list.ToPage($"analyses\u001f{campaign}\u001f{ofType}\u001f{ofStatus}"), cancellationToken);
    }

    private static async Task<Created<Analysis>> CreateAsync(Guid id, AnalysisDraft draft, CampaignService campaigns, HttpContext http, CancellationToken cancellationToken)
    {
        var analysis = await campaigns.SaveAnalysisAsync(id, draft, cancellationToken);
        return Answers.Created(http, analysis, $"/v1/analyses/{analysis.Id}", analysis.Revision);
    }

    private static async Task<Results<Ok<Analysis>, NotModified>> GetAsync(Guid id, AnalysisService analyses, HttpContext http, CancellationToken cancellationToken)
    {
        var analysis = await analyses.GetAsync(id, cancellationToken);
        return Answers.Read(http, analysis, analysis.Revision);
    }

    private static async Task<Ok<Analysis>> PatchAsync(Guid id, MergePatch<AnalysisDraft> patch, AnalysisService analyses, HttpContext http, CancellationToken cancellationToken)
    {
        var analysis = await analyses.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, analysis, analysis.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, AnalysisService analyses, HttpRequest request, CancellationToken cancellationToken)
    {
        await analyses.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
