using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CloudStore.ServiceDefaults.Health;

internal static class HealthCheckRegistrationExtensions
{
    /// <summary>Adds a check unless one of that name is there: two services in one process may register the same store.</summary>
    public static void TryAddHealthCheck(this IHostApplicationBuilder builder, string name, Func<IServiceProvider, IHealthCheck> create)
    {
        if (builder.Properties.TryAdd($"health check {name}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, create, failureStatus: null, tags: null));
        }
    }

    /// <summary>Adds the check of a context's database; see <see cref="DbContextHealthCheck{TContext}"/>.</summary>
    public static void TryAddDbContextCheck<TContext>(this IHostApplicationBuilder builder, string name, string probe)
        where TContext : DbContext =>
        builder.TryAddHealthCheck(name, services => new DbContextHealthCheck<TContext>(services.GetRequiredService<TContext>(), probe));
}
