using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Protection;

/// <summary><c>/v1/protection</c>: the data keys of the caller's tenant, for operators.</summary>
public static class ProtectionEndpoints
{
    private static readonly DataKeyView Example = new(new Guid("0190163d-8694-739b-aea5-966c26f8ad91"), null, KeyPurpose.Fields, 2, KeyState.Active, "5f1c0a9e7d3b2648",
        new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc));

    private static readonly RotationView Running = new(new Guid("0190163e-1a2b-7c3d-8e4f-5a6b7c8d9e0f"), RotationState.Running, 1, "sales.prices", 40_000, 40_000, 0, 0, null,
        new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), null);

    public static IEndpointRouteBuilder MapProtection(this IEndpointRouteBuilder routes)
    {
        var protection = routes.MapGroup("/v1/protection").RequireRole(Role.Operator).WithTags("Protection");
        protection.MapGet("/keys", ListAsync).WithName("listDataKeys").WithSummary("List the data keys")
            .WithDescription("Newest first; rotated and destroyed keys are listed as well.").WithExample(null, new Page<DataKeyView>([Example], null, null));
        protection.MapPost("/keys/rotate", RotateAsync).WithName("rotateDataKeys").WithSummary("Rotate the data keys")
            .WithDescription("Makes new keys at once and re-encrypts all rows in the background. Asked for again before that has ended, it answers with the rotation that is going on.")
            .WithExample(null, Running);
        protection.MapGet("/rotations/{id:guid}", RotationAsync).WithName("getRotation").WithSummary("Read a rotation's progress").WithExample(null, Running);
        protection.MapDelete("/keys/{id:guid}", DestroyAsync).WithName("destroyDataKey").WithSummary("Destroy a data key")
            .WithDescription("Refused where something needs the key, unless that is to be destroyed with it. What the key encrypted can never be read again. Other processes refuse it within Protection:KeyCacheSeconds.")
            .WithExample(null, Example with { State = KeyState.Destroyed });
        return routes;
    }

    private static async Task<Ok<Page<DataKeyView>>> ListAsync([AsParameters] DataKeyQuery query, KeyOperations keys, CursorKeyring cursors, CallerScope caller, CancellationToken cancellationToken)
    {
        int limit = query.Limit ?? PageRequest.DefaultLimit;
        if (limit is < 1 or > PageRequest.MaxLimit)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "limit", "range", $"limit must be from 1 to {PageRequest.MaxLimit}; it is {limit}.");
        }

        var tenant = caller.Required.Tenant;
        var scope = $"{tenant}\ndata-keys\n{query.Subject}";
        Guid? before = string.IsNullOrEmpty(query.Cursor) ? null : cursors.Codec.Decode(scope, query.Cursor).Id;
        var page = await keys.PageAsync(tenant, query.Subject, before, limit + 1, cancellationToken);
        var items = page.Take(limit).Select(DataKeyView.Of).ToList();
        return TypedResults.Ok(new Page<DataKeyView>(items, page.Count > limit ? cursors.Codec.Encode(scope, items[^1].Id, null) : null, null));
    }

    private static async Task<Accepted<RotationView>> RotateAsync(KeyOperations keys, CallerScope caller, CancellationToken cancellationToken)
    {
        var by = caller.Required;
        var rotation = await keys.RotateAsync(by.Tenant, by.Actor, cancellationToken: cancellationToken);
        return TypedResults.Accepted($"/v1/protection/rotations/{rotation.Id}", RotationView.Of(rotation));
    }

    private static async Task<Ok<RotationView>> RotationAsync(Guid id, KeyOperations keys, CallerScope caller, CancellationToken cancellationToken) =>
        TypedResults.Ok(RotationView.Of(await keys.FindRotationAsync(id, caller.Required.Tenant, cancellationToken)));

    private static async Task<Ok<DataKeyView>> DestroyAsync(
        Guid id, [FromQuery, Description("The key's id once more: destroying cannot be undone.")] string? confirm,
        [FromQuery, Description("Even where something needs the key: what it encrypted is destroyed.")] bool? withData, KeyOperations keys, CallerScope caller, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(confirm, out var confirmed) || confirmed != id)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "confirm", "confirmed", $"Destroying a key cannot be undone: confirm it with ?confirm={id}.");
        }

        return TypedResults.Ok(DataKeyView.Of(await keys.DestroyAsync(id, caller.Required.Tenant, caller.Required.Actor, withData == true, cancellationToken)));
    }
}
