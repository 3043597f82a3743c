using Microsoft.AspNetCore.Builder;

namespace CloudStore.Storage.Access;

/// <summary>Endpoint metadata: the role that is needed. The rule nearest to the endpoint counts: its own before its group's.</summary>
/// <param name="Role">Null where no key is needed.</param>
public sealed record AccessRule(Role? Role);

/// <summary>Says which role endpoints need. One that says nothing needs an operator's key.</summary>
public static class AccessRuleExtensions
{
    public static TBuilder RequireRole<TBuilder>(this TBuilder builder, Role role)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(role));

    /// <summary>Opens an endpoint to callers without a key. A key that is sent nevertheless is not looked at.</summary>
    public static TBuilder AllowNoKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(null));
}
