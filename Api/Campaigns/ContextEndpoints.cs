using CloudStore.Api.Cache.Answers;
using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Campaigns;

/// <summary><c>/v1/campaigns/{id}/context</c>: the business context, version by version. The ETag of the newest is its version.</summary>
internal static class ContextEndpoints
{
    public static void MapContexts(this IEndpointRouteBuilder routes)
    {
        var context = routes.MapGroup("/v1/campaigns/{id:guid}/context").WithTags("Campaign context").RequireRole(Role.Reader);
        context.MapGet("/", GetAsync).CachesList("campaign_contexts", "campaigns").WithName("getCampaignContext").WithSummary("Read a campaign's context")
            .WithDescription("The newest version, or the one that version names.").WithExample(null, CampaignExamples.Context);
        context.MapPut("/", AddAsync).RequireRole(Role.Writer).WithName("putCampaignContext").WithSummary("Add a version of a campaign's context")
            .WithDescription("Versions before it stay. With If-Match it is added only where that is the newest version.")
            .WithExample(CampaignExamples.ContextDraft, CampaignExamples.Context);
        context.MapPost("/", AddAsync).RequireRole(Role.Writer).WithName("addCampaignContext").WithSummary("Add a version of a campaign's context")
            .WithDescription("The same as PUT.").WithExample(CampaignExamples.ContextDraft, CampaignExamples.Context);
        context.MapGet("/versions", ListAsync).CachesList("campaign_contexts", "campaigns").WithName("listCampaignContexts").WithSummary("List the versions of a campaign's context")
            .WithDescription("Newest first. Sortable by version.").WithExample(null, new Page<CampaignContext>([CampaignExamples.Context], null, null));
    }

    private static async Task<Results<Ok<CampaignContext>, NotModified>> GetAsync(Guid id, [Description("A version; the newest where absent.")] int? version, ContextService contexts, HttpContext http, CancellationToken cancellationToken)
    {
        var context = await contexts.GetAsync(id, version, cancellationToken);
        return Answers.Read(http, context, context.Version);
    }

    private static async Task<Created<CampaignContext>> AddAsync(Guid id, ContextDraft draft, ContextService contexts, HttpContext http, CancellationToken cancellationToken)
    {
        var context = await contexts.AddAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Created(http, context, $"/v1/campaigns/{id}/context?version={context.Version}", context.Version);
    }

    private static async Task<Ok<Page<CampaignContext>>> ListAsync(Guid id, [AsParameters] ListQuery list, ContextService contexts, CancellationToken cancellationToken) =>
        TypedResults.Ok(await contexts.ListAsync(id, list.ToPage($"contexts\u001f{id}"), cancellationToken));
}
