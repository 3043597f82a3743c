using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Keys;

/// <summary><c>/v1/keys</c>: the access keys of the caller's tenant, for operators.</summary>
public static class KeyEndpoints
{
    private static readonly KeyView Example = new("k3v9x0q2m7ab", "nightly import", Role.Writer, "default", new DateTime(2027, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        null, null, new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), 1);

    public static IEndpointRouteBuilder MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").RequireRole(Role.Operator).WithTags("Keys");
        keys.MapGet("/", ListAsync).WithName("listKeys").WithSummary("List the access keys")
            .WithDescription("Newest first; revoked keys are listed as well. Sortable by createdAt and name.")
            .WithExample(null, new Page<KeyView>([Example], null, null));
        keys.MapPost("/", CreateAsync).WithSecretAnswer().WithName("createKey").WithSummary("Make an access key")
            .WithDescription("The answer holds the key's text, which is shown this once. Operators of the tenant 'default' can make keys for another tenant.")
            .WithExample(new KeyDraft("nightly import", Role.Writer, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)),
                new NewKeyView("cs_k3v9x0q2m7ab_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", Example));
        keys.MapGet("/{id}", GetAsync).WithName("getKey").WithSummary("Read an access key").WithExample(null, Example);
        keys.MapDelete("/{id}", RevokeAsync).WithName("revokeKey").WithSummary("Revoke an access key")
            .WithDescription("The process that answers refuses the key at once, others within 30 seconds. The last operator key of a tenant cannot be revoked.");
        return routes;
    }

    private static async Task<Ok<Page<KeyView>>> ListAsync([AsParameters] ListQuery query, AccessKeys keys, CancellationToken cancellationToken) =>
        TypedResults.Ok((await keys.ListAsync(query.ToPage("keys"), cancellationToken)).Map(KeyView.Of));

    private static async Task<Created<NewKeyView>> CreateAsync(KeyDraft draft, AccessKeys keys, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await keys.CreateAsync(draft, cancellationToken);
        // The one answer that holds a secret must not stay in any cache.
        http.Response.Headers.CacheControl = "no-store";
        return Answers.Created(http, new NewKeyView(made.Text, KeyView.Of(made.Key)), $"/v1/keys/{made.Key.KeyId}", made.Key.Revision);
    }

    private static async Task<Results<Ok<KeyView>, NotModified>> GetAsync(string id, AccessKeys keys, HttpContext http, CancellationToken cancellationToken)
    {
        var key = await keys.GetAsync(id, cancellationToken);
        return Answers.Read(http, KeyView.Of(key), key.Revision);
    }

    private static async Task<NoContent> RevokeAsync(string id, AccessKeys keys, HttpRequest request, CancellationToken cancellationToken)
    {
        await keys.RevokeAsync(id, key => ETag.RequireMatch(request, key.Revision), cancellationToken);
        return TypedResults.NoContent();
    }
}
