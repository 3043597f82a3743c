using CloudStore.ServiceDefaults.WithoutAspire;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Resilience for the clients of an IHttpClientFactory.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    /// <summary>Adds, from outside in: a total timeout, retries, a circuit breaker, and a timeout of each attempt.</summary>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = $"{builder.Name}-standard";
        builder.Services.AddOptions<HttpStandardResilienceOptions>(name)
            .ValidateDataAnnotations()
            .Validate(o => o.TotalRequestTimeout.Timeout >= o.AttemptTimeout.Timeout, "TotalRequestTimeout must not be shorter than AttemptTimeout.")
            .Validate(
                o => o.CircuitBreaker.SamplingDuration >= 2 * o.AttemptTimeout.Timeout,
                "CircuitBreaker.SamplingDuration must be at least twice AttemptTimeout, or one slow call would fill it.")
            .ValidateOnStart();
        builder.Services.AddKeyedSingleton(name, (services, _) => new StandardPipelines(
            services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>().Get(name),
            services.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.AddHttpMessageHandler(services => new StandardResilienceHandler(services.GetRequiredKeyedService<StandardPipelines>(name)));
        return new PipelineBuilder(name, builder.Services);
    }

    /// <summary>The same, with other options than the defaults.</summary>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure) =>
        builder.AddStandardResilienceHandler().Configure(configure);

    private sealed record PipelineBuilder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;
}
