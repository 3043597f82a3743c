using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Lifecycle;

/// <summary><c>/v1/legal-holds</c> and <c>/v1/erasures</c>: what must be kept and what must go, for operators.</summary>
public static class LifecycleEndpoints
{
    private static readonly LegalHoldView Example = new(new Guid("019c2f6e-5b7a-7c3d-9e1f-2a4b6c8d0e1f"), "Case 4711", "campaigns", null, null,
        new DateTime(2027, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), 1);

    public static IEndpointRouteBuilder MapLifecycle(this IEndpointRouteBuilder routes)
    {
        var holds = routes.MapGroup("/v1/legal-holds").RequireRole(Role.Operator).WithTags("Lifecycle");
        holds.MapGet("/", ListAsync).WithName("listLegalHolds").WithSummary("List the legal holds").WithDescription("Newest first; released ones are left out.")
            .WithExample(null, new Page<LegalHoldView>([Example], null, null));
        holds.MapPost("/", CreateAsync).WithName("createLegalHold").WithSummary("Put records under a legal hold")
            .WithDescription("No retention and no erasure removes what it covers. What is left out covers all: a hold with nothing but a reason covers all the tenant has.")
            .WithExample(new LegalHoldDraft("Case 4711", "campaigns", null, null, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)), Example);
        holds.MapGet("/{id:guid}", GetAsync).WithName("getLegalHold").WithSummary("Read a legal hold").WithExample(null, Example);
        holds.MapDelete("/{id:guid}", ReleaseAsync).WithName("releaseLegalHold").WithSummary("Release a legal hold")
            .WithDescription("It is kept, with when, who and the reason; the records it covered are free again.");
        routes.MapPost("/v1/erasures", EraseAsync).RequireRole(Role.Operator).WithTags("Lifecycle").WithName("erase").WithSummary("Erase a person")
            .WithDescription("Removes all rows that name a person for good, deleted and archived ones and those that wait for the database as well, and destroys the person's keys. "
                + "Answers 409 and removes nothing where a legal hold covers any of it. It can be repeated.")
            .WithExample(new ErasureDraft("customer-17850"), new Erased(new Dictionary<string, int> { ["retail_sales"] = 312 }, 40, 0, 1));
        return routes;
    }

    private static async Task<Ok<Page<LegalHoldView>>> ListAsync([AsParameters] ListQuery query, LegalHolds holds, CancellationToken cancellationToken) =>
        TypedResults.Ok((await holds.ListAsync(query.ToPage("legal-holds"), cancellationToken)).Map(LegalHoldView.Of));

    private static async Task<Created<LegalHoldView>> CreateAsync(LegalHoldDraft draft, LegalHolds holds, HttpContext http, CancellationToken cancellationToken)
    {
        var hold = await holds.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, LegalHoldView.Of(hold), $"/v1/legal-holds/{hold.Id}", hold.Revision);
    }

    private static async Task<Results<Ok<LegalHoldView>, NotModified>> GetAsync(Guid id, LegalHolds holds, HttpContext http, CancellationToken cancellationToken)
    {
        var hold = await holds.GetAsync(id, cancellationToken);
        return Answers.Read(http, LegalHoldView.Of(hold), hold.Revision);
    }

    private static async Task<NoContent> ReleaseAsync(Guid id, string? reason, LegalHolds holds, HttpRequest request, CancellationToken cancellationToken)
    {
        await holds.ReleaseAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Erased>> EraseAsync(ErasureDraft draft, CallerScope caller, IServiceScopeFactory scopes, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(draft.Subject))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "subject", "required", "subject must name the person, as the records do.");
        }

        // A scope without a tenant: rows that are out of a tenant's reach, such as deleted ones, go as well.
        await using var scope = scopes.CreateAsyncScope();
        return TypedResults.Ok(await scope.ServiceProvider.GetRequiredService<Erasure>().RunAsync(caller.Required.Tenant, draft.Subject, caller.Required.Actor, cancellationToken));
    }
}
