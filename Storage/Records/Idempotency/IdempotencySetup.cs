using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>Registers idempotent POSTs and puts them before a service's endpoints.</summary>
public static class IdempotencySetup
{
    public static IServiceCollection AddIdempotency(this IServiceCollection services)
    {
        services.TryAddSingleton<IdempotencyStore>();
        services.TryAddScoped<IdempotencyScope>();
        return services;
    }

    /// <summary>Call it after the access check: keys belong to the caller's tenant. A second call does nothing.</summary>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Properties.TryAdd(typeof(IdempotencySetup).FullName!, true) ? app.UseMiddleware<IdempotencyMiddleware>() : app;
    }
}
