namespace CloudStore.Storage.Access;

/// <summary>Who asks.</summary>
/// <param name="Tenant">The tenant whose records the caller sees.</param>
/// <param name="Actor">The access key's id, or the name of the part of the product that works on its own.</param>
/// <param name="Role">The most the caller may do.</param>
public sealed record Caller(string Tenant, string Actor, Role Role)
{
    /// <summary>A part of the product that works for a tenant, such as an import worker.</summary>
    public static Caller System(string tenant, string part) => new(tenant, part, Role.Operator);
}
