using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Campaigns;

/// <summary>The tables of the campaigns area.</summary>
internal sealed class CampaignsModel : IRecordModel
{
    public void Configure(ModelBuilder model, StoreDialect dialect)
    {
        model.Entity<Campaign>(e =>
        {
            e.ToTable("campaigns");
            e.HasNaturalKey(c => c.NaturalKey);
            e.Property(c => c.GivenCtr).HasColumnName("ctr");
            e.Property(c => c.GivenCpc).HasColumnName("cpc");
            e.Property(c => c.GivenCpa).HasColumnName("cpa");
            e.Property(c => c.GivenRoas).HasColumnName("roas");
            e.Property(c => c.AdditionalData).IsJson(dialect);
            e.HasIndex(c => new { c.Tenant, c.Platform, c.Date });
            e.HasIndex(c => new { c.Tenant, c.Channel, c.Date });
        });
        model.Entity<CampaignContext>(e =>
        {
            e.ToTable("campaign_contexts");
            e.Property<string?>(nameof(CampaignContext.Content)).IsJson(dialect).IsRequired();
            // Across deleted versions too: a number is never given twice.
            e.HasIndex(c => new { c.Tenant, c.CampaignRef, c.Version }).IsUnique();
        });
        model.Entity<Analysis>(e =>
        {
            e.ToTable("analyses");
            e.Property(a => a.Type).HasConversion<string>();
            e.Property(a => a.Status).HasConversion<string>();
            e.Property(a => a.Insights).IsJson(dialect);
            e.Property(a => a.Recommendations).IsJson(dialect);
            e.Property(a => a.Metrics).IsJson(dialect);
            e.HasIndex(a => new { a.Tenant, a.CampaignRef, a.Id });
            e.HasIndex(a => new { a.Tenant, a.Id });
        });
        model.Entity<QueryHistory>(e =>
        {
            e.ToTable("query_history");
            e.Property(q => q.Sources).IsJson(dialect);
            e.HasIndex(q => new { q.Tenant, q.Id });
        });
        model.Entity<LlmUsage>(e =>
        {
            e.ToTable("llm_usage");
            e.HasIndex(u => new { u.Tenant, u.At });
            e.HasIndex(u => new { u.Tenant, u.Provider, u.Model });
        });
    }
}
