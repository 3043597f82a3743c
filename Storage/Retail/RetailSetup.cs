using CloudStore.Storage.Cache;
using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.Storage.Retail;

/// <summary>Registers the retail area; it needs the records engine.</summary>
public static class RetailSetup
{
    public static IServiceCollection AddRetail(this IServiceCollection services)
    {
        services.TryAddScoped(typeof(RecordStore<>));
        services.TryAddScoped<SaleBulk>();
        services.TryAddScoped<SaleService>();
        services.TryAddScoped<SaleReader>();
        services.TryAddScoped<SaleTotalsReader>();
        services.TryAddScoped<SeriesReader>();
        services.AddCloudStoreCache();
        services.TryAddScoped<PatternCache>();
        services.TryAddScoped<PatternService>();
        services.TryAddScoped<RiskService>();
        services.TryAddScoped<ScenarioService>();
        services.TryAddScoped<ComplianceService>();
        services.TryAddScoped<InsightService>();
        services.TryAddScoped<RetailProcessor>();
        return services;
    }
}
