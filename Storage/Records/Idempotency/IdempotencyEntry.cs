using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>What is kept of a request that came with an Idempotency-Key.</summary>
public sealed class IdempotencyEntry
{
    public const int MaxKeyLength = 200;

    public required string Tenant { get; init; }

    /// <summary>The key as the caller sent it; unique in its tenant.</summary>
    public required string Key { get; init; }

    /// <summary>Method and path, for whoever looks into the table.</summary>
    public required string Route { get; init; }

    /// <summary>SHA-256 of what makes the request this one and no other.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>Whoever works on it; changes when a dead one's work is taken over.</summary>
    public required string Owner { get; init; }

    /// <summary>UTC. A running claim may be taken over from then on.</summary>
    public required DateTime LeaseUntil { get; init; }

    /// <summary>HTTP status of the answer; null while the request runs.</summary>
    public int? Status { get; set; }

    public string? ContentType { get; set; }

    public string? Location { get; set; }

    public string? Etag { get; set; }

    /// <summary>The answer's body, encrypted (<see cref="KeptAnswer"/>): it may hold what is encrypted everywhere else.</summary>
    public byte[]? Body { get; set; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime ExpiresAt { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<IdempotencyEntry>(e =>
            {
                e.ToTable("idempotency_keys");
                e.HasKey(k => new { k.Tenant, k.Key });
                e.HasIndex(k => k.ExpiresAt);
            });
    }
}
