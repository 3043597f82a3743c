using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Who did what, when and from where: one row of <c>audit_events</c>, written in the transaction of the change itself and never changed. It holds ids and hashes of
/// what was stored, no stored values.
/// </summary>
public sealed class AuditEvent
{
    public const string Table = "audit_events";

    /// <summary>Longest <see cref="Origin"/>; the rest is cut off.</summary>
    public const int MaxOrigin = 200;

    /// <summary>Given by the database when the event is written. Transactions commit in another order, and one that fails leaves a gap.</summary>
    public long Sequence { get; init; }

    /// <summary>UUID version 7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose event it is; what is nobody's own belongs to the installation's first tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>UTC, in microseconds.</summary>
    public required DateTime At { get; init; }

    /// <summary>The access key's id, or the part of the product that works by itself; <c>anonymous</c> where no key was accepted.</summary>
    public required string Actor { get; init; }

    /// <summary>The client's address and user agent, or <c>cli</c>, <c>worker</c>. It stays in the table: the log holds the <see cref="Mac"/> over it.</summary>
    public string? Origin { get; init; }

    public required AuditAction Action { get; init; }

    /// <summary>The table of the records concerned.</summary>
    public string? RecordType { get; init; }

    /// <summary>The record concerned; null where there are several, or none.</summary>
    public Guid? RecordId { get; init; }

    /// <summary>How many records, requests or events it stands for, where that is not one.</summary>
    public long? Items { get; init; }

    /// <summary>SHA-256 of the record as it was (<see cref="RecordHasher"/>); null for one that is new.</summary>
    public byte[]? Before { get; init; }

    /// <summary>SHA-256 of the record, of the batch, or of the ids that were read, as it is now.</summary>
    public byte[]? After { get; init; }

    /// <summary>Particulars of the action, a JSON object. It stays in the table, as <see cref="Origin"/> does.</summary>
    public string? Details { get; init; }

    /// <summary>HMAC-SHA-256 over everything but the sequence, with a key of the installation: a row that was not written by the product has none that is right.</summary>
    public byte[] Mac { get; internal set; } = [];

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<AuditEvent>(e =>
            {
                e.ToTable(Table);
                e.HasKey(a => a.Sequence);
                e.Property(a => a.Sequence).ValueGeneratedOnAdd();
                e.Property(a => a.Action).HasConversion(a => a.Word(), word => AuditActions.Parse(word));
                e.HasIndex(a => a.Id).IsUnique();
                e.HasIndex(a => new { a.Tenant, a.Sequence });
                e.HasIndex(a => a.RecordId).HasFilter("record_id IS NOT NULL");
                e.IsAppendOnly();
            });
    }
}
