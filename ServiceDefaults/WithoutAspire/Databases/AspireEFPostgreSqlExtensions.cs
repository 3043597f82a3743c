using System.Diagnostics.CodeAnalysis;
using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using CloudStore.ServiceDefaults.Health;
using CloudStore.ServiceDefaults.WithoutAspire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a context on PostgreSQL: pooled, with retries, a health check and telemetry.</summary>
public static class AspireEFPostgreSqlExtensions
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    private const DynamicallyAccessedMemberTypes UsedByEf =
        DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.NonPublicConstructors
        | DynamicallyAccessedMemberTypes.PublicProperties;

    /// <summary>Adds <typeparamref name="TContext"/> with the connection string <c>ConnectionStrings:NAME</c>.</summary>
    /// <exception cref="InvalidOperationException">When the context is first used and no connection string was given.</exception>
    public static void AddNpgsqlDbContext<[DynamicallyAccessedMembers(UsedByEf)] TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var contextName = typeof(TContext).Name;
        var settings = ConnectionStrings.Bind<NpgsqlEntityFrameworkCorePostgreSQLSettings>(
            builder.Configuration, Section, connectionName, contextName);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            UseNpgsql(options, settings, connectionName);
            configureDbContextOptions?.Invoke(options);
        });

        if (!settings.DisableHealthChecks)
        {
            builder.TryAddDbContextCheck<TContext>(contextName, "SELECT 1");
        }

        AddTelemetry(builder.Services, settings);
    }

    private static void UseNpgsql(DbContextOptionsBuilder options, NpgsqlEntityFrameworkCorePostgreSQLSettings settings, string connectionName)
    {
        // Not checked at registration: design-time tools build the host without a server.
        if (string.IsNullOrWhiteSpace(settings.ConnectionString) && !EF.IsDesignTime)
        {
            throw ConnectionStrings.Missing(connectionName, Section);
        }

        options.UseNpgsql(settings.ConnectionString, npgsql =>
        {
            if (!settings.DisableRetry)
            {
                npgsql.EnableRetryOnFailure();
            }

            if (settings.CommandTimeout is { } seconds)
            {
                npgsql.CommandTimeout(seconds);
            }
        });
    }

    // Configured, not built: a provider starts only where something exports what it collects.
    private static void AddTelemetry(IServiceCollection services, NpgsqlEntityFrameworkCorePostgreSQLSettings settings)
    {
        if (!settings.DisableTracing)
        {
            services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddSource("Npgsql"));
        }

        if (!settings.DisableMetrics)
        {
            services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddMeter("Npgsql"));
        }
    }
}
