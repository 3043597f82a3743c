namespace OpenTelemetry.Trace;

/// <summary>Traces of incoming requests.</summary>
public static class AspNetCoreInstrumentationTracerProviderBuilderExtensions
{
    // Up to .NET 10 ASP.NET Core fills in a request's method, path, route and status only when this switch says so.
    private const string Suppress = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Only when a provider is built: without one nobody would read what the switch turns on.
        return builder is IDeferredTracerProviderBuilder deferred
            ? deferred.Configure((_, provider) => Listen(provider))
            : Listen(builder);
    }

    private static TracerProviderBuilder Listen(TracerProviderBuilder builder)
    {
        AppContext.SetSwitch(Suppress, false);
        return builder.AddSource("Microsoft.AspNetCore");
    }
}

/// <summary>Traces of outgoing requests.</summary>
public static class HttpClientInstrumentationTracerProviderBuilderExtensions
{
    public static TracerProviderBuilder AddHttpClientInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource("System.Net.Http");
    }
}
