using CloudStore.Storage.Campaigns;

namespace CloudStore.Api.Campaigns;

/// <summary>The campaigns area at the public edge.</summary>
public static class CampaignsApi
{
    /// <summary>Registers the area's services and JSON types.</summary>
    public static IHostApplicationBuilder AddCampaignsApi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddCampaigns();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, CampaignJson.Default));
        return builder;
    }

    /// <summary>Maps <c>/v1/campaigns</c>, <c>/v1/analyses</c>, <c>/v1/queries</c> and <c>/v1/llm-usage</c>.</summary>
    public static IEndpointRouteBuilder MapCampaignsApi(this IEndpointRouteBuilder routes)
    {
        routes.MapCampaigns();
        routes.MapCampaignBatches();
        routes.MapAnalyses();
        routes.MapContexts();
        routes.MapQueries();
        routes.MapLlmUsage();
        return routes;
    }
}
