using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>Where a rotation stands.</summary>
public enum RotationState
{
    Running,

    /// <summary>No row carries an old key's id any more, but those that could not be decrypted.</summary>
    Succeeded,
}

/// <summary>
/// The work that follows a change of keys: re-encrypting all rows. Its position and counters change in the transaction of the rows they count; a process that is killed in the
/// midst of it leaves nothing that another could not go on from.
/// </summary>
public sealed class KeyRotation
{
    /// <summary>The owner that stands for all tenants.</summary>
    public const string AllTenants = "";

    public Guid Id { get; init; }

    /// <summary>Whose keys were rotated; <see cref="AllTenants"/> for everybody's.</summary>
    public required string Owner { get; init; }

    public RotationState State { get; set; }

    /// <summary>The access key's id, or the part of the product, that asked for it.</summary>
    public required string StartedBy { get; init; }

    /// <summary>Values in clear are encrypted as well.</summary>
    public bool EncryptClear { get; init; }

    /// <summary>1 at first. Another follows until one has found nothing to do after the last process must have noticed the new keys.</summary>
    public int Pass { get; set; } = 1;

    /// <summary>UTC; when the pass began.</summary>
    public DateTime PassStartedAt { get; set; }

    /// <summary>Rows that the pass re-encrypted, or left because somebody was changing them.</summary>
    public long PassRows { get; set; }

    /// <summary>The place it works on, <c>table.column</c>; empty before the first.</summary>
    public string Place { get; set; } = "";

    /// <summary>The last row that was looked at in that place.</summary>
    public Guid Position { get; set; }

    /// <summary>Rows looked at in the pass.</summary>
    public long RowsRead { get; set; }

    /// <summary>Rows re-encrypted, over all passes.</summary>
    public long RowsEncrypted { get; set; }

    /// <summary>Rows that the pass could not decrypt: their key is gone, or they were tampered with. They stay as they are.</summary>
    public long RowsUnreadable { get; set; }

    /// <summary>Rows in clear that the pass left so.</summary>
    public long RowsInClear { get; set; }

    /// <summary>The first problem with a row; null where there was none.</summary>
    public string? Problem { get; set; }

    /// <summary>Which run has it; null where none has.</summary>
    public Guid? Lease { get; set; }

    /// <summary>UTC; behind this instant another process may go on.</summary>
    public DateTime? LeaseUntil { get; set; }

    /// <summary>What the run that tells of it waits for, for a human; null where it goes on. Not stored.</summary>
    public string? WaitsFor { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public DateTime? FinishedAt { get; set; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<KeyRotation>(e =>
            {
                e.ToTable("key_rotations");
                e.HasKey(r => r.Id);
                e.Property(r => r.Id).ValueGeneratedNever();
                e.Property(r => r.State).HasConversion<string>();
                e.Ignore(r => r.WaitsFor);
                e.HasIndex(r => r.Owner).IsUnique().HasFilter("state = 'Running'");
            });
    }
}
