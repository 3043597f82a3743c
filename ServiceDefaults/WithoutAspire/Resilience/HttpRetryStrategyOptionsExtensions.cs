using CloudStore.ServiceDefaults.WithoutAspire;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Which requests may be sent again.</summary>
public static class HttpRetryStrategyOptionsExtensions
{
    /// <summary>Never repeats POST, PATCH, PUT, DELETE and CONNECT.</summary>
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
        options.DisableFor(HttpMethod.Delete, HttpMethod.Patch, HttpMethod.Post, HttpMethod.Put, HttpMethod.Connect);

    /// <summary>Never repeats requests of these methods.</summary>
    public static void DisableFor(this HttpRetryStrategyOptions options, params HttpMethod[] methods)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(methods);
        var handles = options.ShouldHandle;
        options.ShouldHandle = async args =>
            !(args.Context.Properties.TryGetValue(StandardResilienceHandler.Request, out var request) && methods.Contains(request.Method))
            && await handles(args);
    }
}
