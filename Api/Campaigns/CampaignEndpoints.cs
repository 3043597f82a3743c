using CloudStore.Api.Cache.Answers;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Campaigns;

/// <summary><c>/v1/campaigns</c>: campaigns one by one, lists and metrics.</summary>
internal static class CampaignEndpoints
{
    public static void MapCampaigns(this IEndpointRouteBuilder routes)
    {
        var campaigns = routes.MapGroup("/v1/campaigns").WithTags("Campaigns").RequireRole(Role.Reader);
        campaigns.MapGet("/", ListAsync).CachesList("campaigns").WithName("listCampaigns").WithSummary("List campaigns")
            .WithDescription("Newest first. Sortable by createdAt, updatedAt, date, campaignName, spend, impressions, clicks, conversions and revenue.")
            .WithExample(null, CampaignExamples.Page);
        campaigns.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createCampaign").WithSummary("Create a campaign")
            .WithDescription("Its key is campaignId with date, platform and channel where they are given; a campaign of that key must not exist.")
            .WithExample(CampaignExamples.Draft, CampaignExamples.Campaign);
        campaigns.MapGet("/{id:guid}", GetAsync).CachesRecord("campaigns").WithName("getCampaign").WithSummary("Read a campaign").WithExample(null, CampaignExamples.Campaign);
        campaigns.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceCampaign").WithSummary("Replace a campaign")
            .WithDescription("What the body leaves out is cleared.").WithExample(CampaignExamples.Draft, CampaignExamples.Campaign);
        campaigns.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchCampaign").WithSummary("Change parts of a campaign")
            .WithDescription("A given ratio that changed measures contradict is derived from then on.")
            .WithExample(new CampaignDraft { Spend = 130, Clicks = 1_010 }, CampaignExamples.Campaign);
        campaigns.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteCampaign").WithSummary("Delete a campaign")
            .WithDescription("The record is kept, out of sight, with when, who and the reason; its key is free again.");
        campaigns.MapGet("/metrics", MetricsAsync).CachesList("campaigns").WithName("getCampaignMetrics").WithSummary("Sum campaigns up by group")
            .WithDescription("groupBy is platform, channel, funnelStage, day, week (from Monday) or month. Ratios are those of the sums, and null where the divisor is 0.")
            .WithExample(null, CampaignExamples.Metrics);
    }

    private static async Task<Ok<Page<Campaign>>> ListAsync([AsParameters] CampaignQuery query, [AsParameters] ListQuery list, CampaignService campaigns, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await campaigns.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<Campaign>> CreateAsync(CampaignDraft draft, CampaignService campaigns, HttpContext http, CancellationToken cancellationToken)
    {
        var campaign = await campaigns.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, campaign, $"/v1/campaigns/{campaign.Id}", campaign.Revision);
    }

    private static async Task<Results<Ok<Campaign>, NotModified>> GetAsync(Guid id, CampaignService campaigns, HttpContext http, CancellationToken cancellationToken)
    {
        var campaign = await campaigns.GetAsync(id, cancellationToken);
        return Answers.Read(http, campaign, campaign.Revision);
    }

    private static async Task<Ok<Campaign>> ReplaceAsync(Guid id, CampaignDraft draft, CampaignService campaigns, HttpContext http, CancellationToken cancellationToken)
    {
        var campaign = await campaigns.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, campaign, campaign.Revision);
    }

    private static async Task<Ok<Campaign>> PatchAsync(Guid id, MergePatch<CampaignDraft> patch, CampaignService campaigns, HttpContext http, CancellationToken cancellationToken)
    {
        var campaign = await campaigns.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, campaign, campaign.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, CampaignService campaigns, HttpRequest request, CancellationToken cancellationToken)
    {
        await campaigns.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<MetricsAnswer>> MetricsAsync([OneOf(typeof(MetricsGroup), "What to sum up by; weeks start on Monday.")] string? groupBy, [AsParameters] CampaignQuery query, CampaignService campaigns, CancellationToken cancellationToken) =>
        TypedResults.Ok(await campaigns.AggregateAsync(query.ToFilter(), QueryEnum.Required<MetricsGroup>("groupBy", groupBy), cancellationToken));
}
