using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Cache;

/// <summary><c>POST /v1/cache:batch</c>: up to 1,000 operations in one request.</summary>
internal static class CacheBatchEndpoints
{
    private const int Most = 1_000;

    public static void MapCacheBatch(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/cache:batch", RunAsync).WithTags("Cache").RequireRole(Role.Reader).WithName("runCacheBatch").WithSummary("Carry out many operations")
            .WithDescription("1 to 1,000 operations (get, set, delete, increment) in their order, each by itself. A batch with a rule broken is refused as a whole before it begins; "
                + "what an operation meets later (a mode that forbids it, a counter that is none) stands in its result. All but get need a writer's key.")
            .WithExample(CacheExamples.Batch, CacheExamples.Answer);

    private static async Task<Ok<CacheBatchAnswer>> RunAsync(CacheBatch batch, IStoreCache cache, CallerScope caller, CancellationToken cancellationToken)
    {
        if (batch.Operations.Count is < 1 or > Most)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "operations", "count", $"operations must be 1 to {Most}; they are {batch.Operations.Count}.");
        }

        if (caller.Required.Role < Role.Writer && batch.Operations.Any(o => o.Op != CacheOperationKind.Get))
        {
            throw new ProblemException(ProblemKind.Forbidden, "All operations but get need the role writer; the access key has the role reader.");
        }

        var steps = batch.Operations.Select((o, i) => CacheStep.Of(o, $"operations[{i}].")).ToList();
        return TypedResults.Ok(new CacheBatchAnswer(await CacheSteps.RunAsync(steps, cache, cancellationToken)));
    }
}
