using CloudStore.Storage.Retail;

namespace CloudStore.Api.Retail;

/// <summary>The retail area at the public edge.</summary>
public static class RetailApi
{
    /// <summary>Registers the area's services and JSON types.</summary>
    public static IHostApplicationBuilder AddRetailApi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRetail();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, RetailApiJson.Default));
        return builder;
    }

    /// <summary>Maps <c>/v1/retail/...</c>.</summary>
    public static IEndpointRouteBuilder MapRetailApi(this IEndpointRouteBuilder routes)
    {
        routes.MapSales();
        routes.MapPatterns();
        routes.MapInsights();
        routes.MapRisks();
        routes.MapScenarios();
        routes.MapCompliance();
        return routes;
    }
}
