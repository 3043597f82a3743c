using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>The one row that all processes of an installation look at: which master key is in force, and whether keys have changed.</summary>
public sealed class KeyRingState
{
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    /// <summary>The master key that wraps new data keys. The first process to start writes it; rewrapping changes it.</summary>
    public required string MasterKeyId { get; set; }

    /// <summary>Rises when a key is rotated, destroyed or rewrapped: what processes hold in memory is then out of date.</summary>
    public long Generation { get; set; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<KeyRingState>(e =>
            {
                e.ToTable("key_ring");
                e.HasKey(s => s.Id);
                e.Property(s => s.Id).ValueGeneratedNever();
            });
    }
}
