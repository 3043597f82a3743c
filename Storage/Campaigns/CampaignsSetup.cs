using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.Storage.Campaigns;

/// <summary>Registers the campaigns area; it needs the records engine.</summary>
public static class CampaignsSetup
{
    public static IServiceCollection AddCampaigns(this IServiceCollection services)
    {
        services.TryAddScoped(typeof(RecordStore<>));
        services.TryAddScoped<CampaignBulk>();
        services.TryAddScoped<CampaignMetrics>();
        services.TryAddScoped<CampaignService>();
        services.TryAddScoped<AnalysisService>();
        services.TryAddScoped<ContextService>();
        services.TryAddScoped<QueryService>();
        services.TryAddScoped<LlmUsageService>();
        return services;
    }
}
