using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>The tables of the import engine.</summary>
internal sealed class ImportsModel : IRecordModel
{
    public void Configure(ModelBuilder model, StoreDialect dialect)
    {
        model.Entity<ImportJob>(e =>
        {
            e.ToTable("import_jobs");
            e.Property(j => j.Status).HasConversion<string>();
            e.HasIndex(j => new { j.Status, j.CreatedAt });
            e.HasIndex(j => new { j.Tenant, j.Target, j.ContentHash });
        });
        model.Entity<ImportReject>(e =>
        {
            e.ToTable("import_rejects");
            e.NotAudited("They are part of their import, whose event says how many they are.");
            e.HasIndex(r => new { r.JobId, r.Line });
            e.Encrypts("detail", r => r.Value, r => r.Reason, r => r.Raw);
            e.WasClear("detail", r => r.ClearValue, r => r.ClearReason, r => r.ClearRaw);
            e.Property(r => r.ClearValue).HasColumnName("value");
            e.Property(r => r.ClearReason).HasColumnName("reason");
            e.Property(r => r.ClearRaw).HasColumnName("raw");
        });
    }
}
