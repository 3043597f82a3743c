using Aspire.StackExchange.Redis;
using CloudStore.ServiceDefaults.Health;
using CloudStore.ServiceDefaults.WithoutAspire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers the client of Redis with its health check.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Adds a singleton <see cref="IConnectionMultiplexer"/> with the connection string <c>ConnectionStrings:NAME</c>. It connects on first use and,
    /// unless the connection string says <c>abortConnect=true</c>, goes on trying in the background while Redis is away.
    /// </summary>
    /// <exception cref="InvalidOperationException">When the client is first used and no endpoint was given.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ConnectionStrings.Bind<StackExchangeRedisSettings>(builder.Configuration, Section, connectionName);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => Connect(settings.ConnectionString, connectionName, configureOptions));
        if (!settings.DisableAutoActivation)
        {
            builder.Services.AddHostedService<RedisActivation>();
        }

        if (!settings.DisableHealthChecks)
        {
            builder.TryAddHealthCheck("StackExchange.Redis", static services => new RedisHealthCheck(services));
        }
    }

    private static ConnectionMultiplexer Connect(string? connectionString, string connectionName, Action<ConfigurationOptions>? configureOptions)
    {
        var options = string.IsNullOrWhiteSpace(connectionString) ? new ConfigurationOptions() : ConfigurationOptions.Parse(connectionString);
        if (connectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) != true)
        {
            options.AbortOnConnectFail = false;
        }

        configureOptions?.Invoke(options);
        return options.EndPoints.Count > 0 ? ConnectionMultiplexer.Connect(options) : throw ConnectionStrings.Missing(connectionName, Section);
    }
}
