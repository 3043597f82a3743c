using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Access;

/// <summary>An access key as it is kept: of its secret, the hash alone.</summary>
public sealed class AccessKey : Record
{
    public const int MaxNameLength = 200;

    /// <summary>The part of the key's text that finds it; unique over all tenants.</summary>
    public required string KeyId { get; init; }

    /// <summary>SHA-256 of the secret's 32 bytes.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>What the key is for, in its maker's words.</summary>
    public required string Name { get; init; }

    public required Role Role { get; init; }

    /// <summary>UTC; null for a key that does not expire.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>UTC, at most a minute behind; null for a key that was never used.</summary>
    public DateTime? LastUsedAt { get; set; }

    /// <summary>UTC; null while the key is in force.</summary>
    public DateTime? RevokedAt { get; set; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<AccessKey>(e =>
            {
                e.ToTable("access_keys");
                e.AuditedAs(AuditAction.Key);
                e.HasIndex(k => k.KeyId).IsUnique();
                e.HasIndex(k => new { k.Tenant, k.Name });
            });
    }
}
