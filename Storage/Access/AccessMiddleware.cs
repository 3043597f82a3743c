using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Access;

/// <summary>
/// Lets a request through to its endpoint only with a key of the role the endpoint needs, and tells the request's scope who asks. It does the work
/// of authentication handlers by itself, because those allocate for each request.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, KeyVerifier verifier, DeniedRequests denied, IRefusalLimit? limit = null)
{
    private const string Bearer = "Bearer ";
    private const string KeyHeader = "X-Api-Key";
    private static readonly AccessRule Closed = new(Role.Operator);
    private static readonly AccessRule Open = new((Role?)null);

    public Task InvokeAsync(HttpContext context)
    {
        // No endpoint was found, or routing's own that answers 405 or 415: neither touches anything of a tenant's.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || RuleOf(endpoint).Role is not { } needed)
        {
            return next(context);
        }

        if (!TryGetText(context.Request, out var text))
        {
            denied.Note(context, StatusCodes.Status401Unauthorized, "missing", null);
            return limit?.Count(context) is { } wait ? WaitAsync(context, wait) : MissingAsync(context);
        }

        // Somebody who tries keys shall not have each looked up in the database.
        if (limit?.WaitOf(context) is { } before && !verifier.IsInUse(text.Span))
        {
            return WaitAsync(context, before);
        }

        return AwaitAsync(context, verifier.CheckAsync(text, context.RequestAborted), needed);
    }

    private static AccessRule RuleOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<AccessRule>() ?? (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null ? Closed : Open);

    private async Task AwaitAsync(HttpContext context, ValueTask<KeyCheck> check, Role needed) => await ContinueAsync(context, await check, needed);

    private Task ContinueAsync(HttpContext context, KeyCheck check, Role needed)
    {
        if (check.Caller is not { } caller)
        {
            denied.Note(context, StatusCodes.Status401Unauthorized, check.Refusal.ToString().ToLowerInvariant(), check.Owner);
            return limit?.Count(context) is { } wait ? WaitAsync(context, wait) : RefuseAsync(context, check.Refusal);
        }

        if (caller.Role < needed)
        {
            denied.Note(context, StatusCodes.Status403Forbidden, "role", caller);
            return ProblemWriter.WriteAsync(context, ProblemKind.Forbidden, $"This needs the role {Name(needed)}; the access key has the role {Name(caller.Role)}.");
        }

        var scope = context.RequestServices.GetRequiredService<CallerScope>();
        (scope.Current, scope.Request) = (caller, context);
        return next(context);
    }

    private static bool TryGetText(HttpRequest request, out ReadOnlyMemory<char> text)
    {
        var authorization = (string?)request.Headers.Authorization;
        if (authorization is not null && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            text = authorization.AsMemory(Bearer.Length).Trim();
            return true;
        }

        var key = (string?)request.Headers[KeyHeader];
        text = key.AsMemory().Trim();
        return key is not null;
    }

    private static Task WaitAsync(HttpContext context, TimeSpan wait) => ProblemWriter.WriteAsync(
        context, ProblemKind.RateLimited, "Too many requests without a valid access key came from this address.", retryAfter: wait);

    private static Task MissingAsync(HttpContext context)
    {
        bool other = context.Request.Headers.Authorization.Count > 0;
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"cloudstore\"";
        return ProblemWriter.WriteAsync(context, ProblemKind.Unauthenticated, other
            ? "The Authorization header is not of the scheme Bearer. Send 'Authorization: Bearer cs_...' or 'X-Api-Key: cs_...'."
            : "No access key was sent. Send 'Authorization: Bearer cs_...' or 'X-Api-Key: cs_...'.");
    }

    // The forms of the header are those of RFC 6750 section 3.
    private static Task RefuseAsync(HttpContext context, KeyRefusal refusal)
    {
        var detail = refusal switch
        {
            KeyRefusal.Malformed => "What was sent has not the form of an access key, cs_<id>_<secret>.",
            KeyRefusal.Expired => "The access key has expired.",
            KeyRefusal.Revoked => "The access key was revoked.",
            _ => "The access key is not known.",
        };
        context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"cloudstore\", error=\"invalid_token\", error_description=\"{detail}\"";
        return ProblemWriter.WriteAsync(context, ProblemKind.Unauthenticated, detail);
    }

    private static string Name(Role role) => role switch
    {
        Role.Reader => "reader",
        Role.Writer => "writer",
        _ => "operator",
    };
}
