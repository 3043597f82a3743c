using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>A client's standard pipeline, for further configuration.</summary>
public interface IHttpStandardResiliencePipelineBuilder
{
    /// <summary>The name its options are registered under.</summary>
    string PipelineName { get; }

    IServiceCollection Services { get; }
}

/// <summary>Configuration of a client's standard pipeline.</summary>
public static class HttpStandardResiliencePipelineBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(builder.PipelineName, configure);
        return builder;
    }

    /// <summary>Gives each scheme, host and port a pipeline, and so a circuit breaker, of its own.</summary>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder) =>
        builder.Configure(options => options.ByAuthority = true);
}
