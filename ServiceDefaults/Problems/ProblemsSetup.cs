using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>How a service answers failures: <see cref="AddProblems"/>, <see cref="UseProblems"/> before everything else, <see cref="MapProblems"/>.</summary>
public static class ProblemsSetup
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.TryAddSingleton<ProblemGuard>();
        // Otherwise a parameter that cannot be bound is a bare 400 that does not say which one.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Answers every failure of what comes after it. A second call does nothing.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!app.Properties.TryAdd(typeof(ProblemsSetup).FullName!, true))
        {
            return app;
        }

        var guard = app.ApplicationServices.GetRequiredService<ProblemGuard>();
        return app.Use(next => context => guard.RunAsync(context, next));
    }

    /// <summary>Maps <c>/problems</c> and <c>/problems/{id}</c>, where a problem's <c>type</c> points; open to callers without a key.</summary>
    public static IEndpointRouteBuilder MapProblems(this IEndpointRouteBuilder endpoints)
    {
        IReadOnlyList<ProblemKindAnswer> all = [.. ProblemKind.All.Select(ProblemKindAnswer.From)];
        endpoints.MapGet("/problems", () => TypedResults.Json(all, ProblemJson.Default.IReadOnlyListProblemKindAnswer))
            .WithName("listProblems").WithSummary("All kinds of problems").WithTags("Problems")
            .Produces<IReadOnlyList<ProblemKindAnswer>>().AllowAnonymous();
        endpoints.MapGet("/problems/{id}", (string id) => TypedResults.Json(
                all.FirstOrDefault(k => k.Id == id) ?? throw new ProblemException(ProblemKind.NotFound, $"There is no kind of problem '{id}'; /problems lists them."),
                ProblemJson.Default.ProblemKindAnswer))
            .WithName("getProblem").WithSummary("What a kind of problem means").WithTags("Problems")
            .Produces<ProblemKindAnswer>().AllowAnonymous();
        return endpoints;
    }
}
