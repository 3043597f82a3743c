using Microsoft.Extensions.Configuration;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>Settings of a store's client, from the places where Aspire's integrations look.</summary>
internal static class ConnectionStrings
{
    /// <summary>Reads the section, then the subsections in order; what comes later wins.</summary>
    public static TSettings Bind<TSettings>(IConfiguration configuration, string section, params ReadOnlySpan<string> subsections)
        where TSettings : new()
    {
        var settings = new TSettings();
        var root = configuration.GetSection(section);
        root.Bind(settings);
        foreach (var name in subsections)
        {
            root.GetSection(name).Bind(settings);
        }

        return settings;
    }

    /// <summary>The error of a store that has no connection string: it names every setting that would do.</summary>
    public static InvalidOperationException Missing(string connectionName, string section) =>
        new($"The store '{connectionName}' has no connection string. Set ConnectionStrings:{connectionName} " +
            $"(environment: ConnectionStrings__{connectionName}), or {section}:ConnectionString.");
}
