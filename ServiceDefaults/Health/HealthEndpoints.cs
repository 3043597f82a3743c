using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CloudStore.ServiceDefaults.Health;

/// <summary>The checks of the process itself and of its stores, and where they are asked.</summary>
public static class HealthEndpoints
{
    public const string HealthPath = "/health";
    public const string AlivePath = "/alive";

    // A check tagged so concerns the process alone: it tells an orchestrator when a restart would help, which a store that is away does not.
    private const string Live = "live";

    // An orchestrator's probe gives up after a few seconds; the answer should say which store hangs before that.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    internal static void AddDefaultHealthChecks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations.Where(r => r.Timeout == System.Threading.Timeout.InfiniteTimeSpan))
            {
                check.Timeout = Timeout;
            }
        });
    }

    internal static void MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCheck(AlivePath, r => r.Tags.Contains(Live))
            .WithSummary("Whether this process answers")
            .WithDescription("Asks no store: an orchestrator restarts the process when this fails.");
        endpoints.MapCheck(HealthPath, r => !r.Tags.Contains(Live))
            .WithSummary("Each store's state and latency")
            .WithDescription("503 when a store this service cannot do without is away.");
    }

    private static RouteHandlerBuilder MapCheck(this IEndpointRouteBuilder endpoints, string path, Func<HealthCheckRegistration, bool> which) =>
        endpoints.MapGet(path, (HttpContext http, HealthCheckService checks) => AnswerAsync(http, checks, which))
            .WithTags("Health")
            .Produces<HealthAnswer>()
            .Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable)
            .AllowAnonymous();

    private static async Task<IResult> AnswerAsync(HttpContext http, HealthCheckService checks, Func<HealthCheckRegistration, bool> which)
    {
        var report = await checks.CheckHealthAsync(which, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        var status = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return TypedResults.Json(HealthAnswer.From(report), HealthJson.Default.HealthAnswer, statusCode: status);
    }
}
