using CloudStore.Storage.Access;

namespace CloudStore.Api.Keys;

/// <summary>An access key as the API shows it: everything but its secret.</summary>
/// <param name="Id">The part of the key's text between <c>cs_</c> and the secret.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">The most it allows.</param>
/// <param name="Tenant">Whose records it opens.</param>
/// <param name="ExpiresAt">UTC; null where it does not expire.</param>
/// <param name="LastUsedAt">UTC, at most a minute behind; null where it was never used.</param>
/// <param name="RevokedAt">UTC; null while it is in force.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Revision">Rises with each change; the ETag.</param>
public record KeyView(string Id, string Name, Role Role, string Tenant, DateTime? ExpiresAt, DateTime? LastUsedAt, DateTime? RevokedAt, DateTime CreatedAt, long Revision)
{
    public static KeyView Of(AccessKey key) =>
        new(key.KeyId, key.Name, key.Role, key.Tenant, key.ExpiresAt, key.LastUsedAt, key.RevokedAt, key.CreatedAt, key.Revision);
}

/// <summary>A key that was just made.</summary>
/// <param name="Key">The key's text. It is not kept and cannot be shown again.</param>
/// <param name="Details">The key as lists show it.</param>
public sealed record NewKeyView(string Key, KeyView Details);
