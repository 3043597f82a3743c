using CloudStore.ServiceDefaults.WithoutAspire;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Service discovery, for the whole application.</summary>
public static class ServiceDiscoveryServiceCollectionExtensions
{
    /// <summary>Adds the resolver of service names, which reads them from configuration.</summary>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<ServiceEndpoints>();
        return services;
    }
}

/// <summary>Service discovery, for the clients of an IHttpClientFactory.</summary>
public static class ServiceDiscoveryHttpClientBuilderExtensions
{
    /// <summary>Lets the client's addresses name services; see <see cref="ServiceEndpoints"/> for the forms.</summary>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder httpClientBuilder)
    {
        ArgumentNullException.ThrowIfNull(httpClientBuilder);
        httpClientBuilder.Services.AddServiceDiscovery();
        return httpClientBuilder.AddHttpMessageHandler(services => new ServiceDiscoveryHandler(services.GetRequiredService<ServiceEndpoints>()));
    }
}
