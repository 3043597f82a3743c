using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>That a spooled entry was applied or refused; its id is the entry's. It is stored in the transaction that applied it, and so makes it count once.</summary>
public sealed class SpoolOutcome : Record
{
    /// <summary>Name of the <see cref="ISpoolTarget"/>.</summary>
    public string Target { get; set; } = "";

    /// <summary>UTC.</summary>
    public DateTime ReceivedAt { get; set; }

    public SpoolStatus Status { get; set; }

    /// <summary>Why it was refused; else null.</summary>
    public string? Reason { get; set; }

    internal SpoolEntryView View() => new(Id, Tenant, Target, ReceivedAt, Status, CreatedAt, Reason);

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<SpoolOutcome>(e =>
            {
                e.ToTable("spool_outcomes");
                e.Property(o => o.Status).HasConversion<string>();
            });
    }
}
