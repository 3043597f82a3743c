using System.Threading.RateLimiting;
using CloudStore.Storage.Access;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Limits;

/// <summary>
/// ASP.NET's limiter for requests with a valid key: the key's limit, then its tenant's. Requests without a caller (health, documentation) pass. Answers say what is left
/// in <c>RateLimit</c> and <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers).
/// </summary>
internal sealed class RequestLimiter : PartitionedRateLimiter<HttpContext>
{
    private readonly RateLimitOptions _options;
    private readonly Limits _keys;
    private readonly Limits _tenants;

    /// <param name="options">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="shared">Null where there is no Redis.</param>
    public RequestLimiter(IOptions<RateLimitOptions> options, TimeProvider time, SharedBuckets? shared = null)
    {
        _options = options.Value;
        _keys = new Limits("key", shared, time);
        _tenants = new Limits("tenant", shared, time);
    }

    /// <inheritdoc/>
    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount)
    {
        if (permitCount == 0 || CallerOf(resource) is not { } caller)
        {
            return LimitLease.Granted;
        }

        var (key, tenant) = Find(caller);
        var answer = Take(key, out var wait);
        var refusing = key;
        if (answer == LimitAnswer.Granted && tenant is not null)
        {
            answer = tenant.TryTake(out wait);
            refusing = tenant;
            if (answer != LimitAnswer.Granted)
            {
                key?.Return();
            }
        }

        // An unknown one is asked again, with the time to wait for Redis.
        return answer == LimitAnswer.Unknown ? LimitLease.Unknown : Told(resource, key, tenant, answer, wait, refusing);
    }

    /// <inheritdoc/>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken)
    {
        if (CallerOf(resource) is not { } caller)
        {
            return LimitLease.Granted;
        }

        var (key, tenant) = Find(caller);
        var (answer, wait) = key is null ? (LimitAnswer.Granted, TimeSpan.Zero) : await key.TakeAsync();
        var refusing = key;
        if (answer == LimitAnswer.Granted && tenant is not null)
        {
            (answer, wait) = await tenant.TakeAsync();
            refusing = tenant;
            if (answer != LimitAnswer.Granted)
            {
                key?.Return();
            }
        }

        return Told(resource, key, tenant, answer, wait, refusing);
    }

    private static LimitAnswer Take(Limit? limit, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        return limit?.TryTake(out wait) ?? LimitAnswer.Granted;
    }

    private static RateLimitLease Told(HttpContext http, Limit? key, Limit? tenant, LimitAnswer answer, TimeSpan wait, Limit? refusing)
    {
        if (key is null && tenant is null)
        {
            return LimitLease.Granted;
        }

        var headers = http.Response.Headers;
        headers["RateLimit-Policy"] = key is null ? tenant!.PolicyItem : tenant is null ? key.PolicyItem : $"{key.PolicyItem}, {tenant.PolicyItem}";
        headers["RateLimit"] = key is null ? Item(tenant!) : tenant is null ? Item(key) : $"{Item(key)}, {Item(tenant)}";
        return answer == LimitAnswer.Granted ? LimitLease.Granted : new LimitLease(wait, refusing!);

        static string Item(Limit limit) => FormattableString.Invariant(
            $"\"{limit.Policy}\";r={Math.Min(limit.Left, limit.Capacity)};t={(long)Math.Ceiling((limit.Capacity - Math.Min(limit.Left, limit.Capacity)) / limit.Rate)}");
    }

    private static Caller? CallerOf(HttpContext http) => http.RequestServices.GetService<CallerScope>()?.Current;

    private (Limit? Key, Limit? Tenant) Find(Caller caller)
    {
        var own = _options.Tenants.Count == 0 ? null : _options.Tenants.GetValueOrDefault(caller.Tenant);
        var (key, tenant) = (own?.Key ?? _options.Key, own?.Tenant ?? _options.Tenant);
        return (key.IsSet ? _keys.For(caller.Actor, key) : null, tenant.IsSet ? _tenants.For(caller.Tenant, tenant) : null);
    }
}
