using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// How far the log has taken the events: one row, <see cref="Log"/>. The log's files are the truth; this says what they must hold at least, and where to look for
/// events that are not in them yet.
/// </summary>
public sealed class AuditLogState
{
    public const string Log = "log";

    public required string Name { get; init; }

    /// <summary>How many events the log holds.</summary>
    public long Size { get; set; }

    /// <summary>Every event with a sequence up to this one is in the log, or will never be: no transaction is left that could still bring one.</summary>
    public long Watermark { get; set; }

    /// <summary>Events behind <see cref="Watermark"/> that are in the log stand at this index or later.</summary>
    public long ScanFrom { get; set; }

    /// <summary>
    /// The sequences up to the log's highest that it waited for then (<see cref="AuditGaps"/>); null until a process that notes the log's order has written to it.
    /// </summary>
    public string? Gaps { get; set; }

    /// <summary>The newest checkpoint; the tree's size and root, signed.</summary>
    public string? Checkpoint { get; set; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<AuditLogState>(e =>
            {
                e.ToTable("audit_log");
                e.HasKey(s => s.Name);
            });
    }
}
