using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>What a data key may be used for.</summary>
public enum KeyState
{
    /// <summary>New values are encrypted with it. A tenant, and a person with keys of their own, has one at most.</summary>
    Active,

    /// <summary>Values that carry its id are still read.</summary>
    DecryptOnly,

    /// <summary>Its bytes are gone, and with them what it encrypted.</summary>
    Destroyed,
}

/// <summary>What a data key encrypts or computes.</summary>
public enum KeyPurpose
{
    /// <summary>Field encryption.</summary>
    Fields,

    /// <summary>Blind indexes. Rotation keeps it: all rows' indexes would change at once.</summary>
    Index,

    /// <summary>The installation's own secrets, such as the audit's keys. It belongs to no tenant, and rotation keeps it.</summary>
    Secrets,
}

/// <summary>
/// A wrapped data key. Its tenant is called owner: a table without a tenant is out of reach of a context that works for one.
/// </summary>
public sealed class DataKey
{
    /// <summary>UUID version 7; every token carries it.</summary>
    public Guid Id { get; init; }

    /// <summary>Whose values it encrypts; empty for the installation's own.</summary>
    public required string Owner { get; init; }

    /// <summary>The person it is for; empty for the tenant's own key.</summary>
    public string Subject { get; init; } = "";

    public KeyPurpose Purpose { get; init; }

    /// <summary>1 for the first key of an owner and subject, one more for each that follows.</summary>
    public int Version { get; init; }

    public KeyState State { get; set; }

    /// <summary>The key, wrapped by the master key; null once it is destroyed.</summary>
    public byte[]? Wrapped { get; set; }

    /// <summary>Which master key wrapped it.</summary>
    public required string MasterKeyId { get; set; }

    /// <summary>Random nonce prefixes drawn under it, in all processes; see <see cref="NonceSequence"/>.</summary>
    public long NoncePrefixes { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public DateTime UpdatedAt { get; set; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<DataKey>(e =>
            {
                e.ToTable("data_keys");
                e.HasKey(k => k.Id);
                e.Property(k => k.Id).ValueGeneratedNever();
                e.Property(k => k.Purpose).HasConversion<string>();
                e.Property(k => k.State).HasConversion<string>();
                e.HasIndex(k => new { k.Owner, k.Subject, k.Purpose }).IsUnique().HasFilter("state = 'Active'");
                e.HasIndex(k => new { k.Owner, k.Subject, k.Purpose, k.Version }).IsUnique();
            });
    }
}
