using System.Threading.RateLimiting;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CloudStore.Api.Limits;

/// <summary>Registers rate limits and puts them behind the access check, which says whose requests they are.</summary>
internal static class RateLimitSetup
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RateLimitOptions>, RateLimitOptions.Validator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IRefusalLimit, AddressLimit>();
        services.AddSingleton(s => new RequestLimiter(s.GetRequiredService<IOptions<RateLimitOptions>>(), s.GetRequiredService<TimeProvider>(), Shared(s)));
        services.AddRateLimiter(_ => { });
        services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<RequestLimiter>((options, limiter) =>
        {
            options.GlobalLimiter = limiter;
            options.OnRejected = (context, _) => RefuseAsync(context.HttpContext, context.Lease);
        });
        return services;
    }

    /// <summary>Call it after UseAccess. Costs nothing where no key and no tenant has a limit.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<RateLimitOptions>>().Value.LimitsCallers)
        {
            app.UseRateLimiter();
        }
    }

    private static SharedBuckets? Shared(IServiceProvider services) => services.GetService<IConnectionMultiplexer>() is { } redis
        ? new SharedBuckets(redis, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SharedBuckets>>())
        : null;

    private static ValueTask RefuseAsync(HttpContext http, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        var limit = (lease as LimitLease)?.Refusing;
        var whose = limit?.Policy == "tenant" ? "All keys of the tenant together may" : "The access key may";
        return new ValueTask(ProblemWriter.WriteAsync(http, ProblemKind.RateLimited, limit is null ? "Too many requests." : FormattableString.Invariant(
            $"{whose} send {limit.Rate:0.####} requests a second, and {limit.Capacity} at once after a pause."), retryAfter: wait));
    }
}
