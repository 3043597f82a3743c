using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Spooling;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Spooling;

/// <summary><c>/v1/spool</c>: what became of writes that were taken while the database was away.</summary>
public static class SpoolEndpoints
{
    /// <summary>What such a write is answered, with 202 and its address.</summary>
    public static readonly SpoolEntryView Example = new(new Guid("019c2f6e-5b7a-7c3d-9e1f-2a4b6c8d0e1f"), "default", "retail.sales",
        new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), SpoolStatus.Waiting, null, null);

    public static IEndpointRouteBuilder MapSpool(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/spool/{id:guid}", async Task<Ok<SpoolEntryView>> (Guid id, SpoolService spool, CancellationToken cancellationToken) =>
                TypedResults.Ok(await spool.GetAsync(id, cancellationToken)))
            .RequireRole(Role.Reader).WithTags("Spool").WithName("getSpooledWrite").WithSummary("Read what became of a write that waited for the database")
            .WithDescription("waiting, applied or refused (with the reason). Where several processes serve, one that did not take the write knows of it once it is applied.")
            .WithExample(null, Example);
        return routes;
    }
}
