using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CloudStore.Storage.Operations;

/// <summary>
/// The keeper's own endpoints, behind the buttons of the Aspire dashboard. They are served by the keeper alone, which has no external endpoint; what they do is
/// harmless to repeat.
/// </summary>
public static class OperationEndpoints
{
    /// <summary>What a migration did.</summary>
    /// <param name="Applied">The migrations applied, oldest first; empty where the schema was the newest.</param>
    public sealed record Migrated(IReadOnlyList<string> Applied);

    public static IEndpointRouteBuilder MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/operations/migrate", async Task<Ok<Migrated>> (StoreMigrator migrator, CancellationToken cancellationToken) =>
            TypedResults.Ok(new Migrated(await migrator.MigrateAsync(cancellationToken)))).AllowNoKey();
        return routes;
    }
}
