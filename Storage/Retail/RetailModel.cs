using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Retail;

/// <summary>The tables of the retail area. No index and no filter looks at an amount.</summary>
internal sealed class RetailModel : IRecordModel
{
    public void Configure(ModelBuilder model, StoreDialect dialect)
    {
        model.Entity<Sale>(e =>
        {
            e.ToTable("sales");
            e.HasNaturalKey(s => s.NaturalKey);
            e.Encrypts("prices", s => s.Mrp, s => s.SellingPrice, s => s.Amount, s => s.Metadata);
            e.HasAge(s => s.SoldAt);
            e.HasKeySubject(s => s.CustomerId);
            e.HasIndex(s => new { s.Tenant, s.CustomerId }).HasFilter("customer_id IS NOT NULL");
            e.HasIndex(s => new { s.Tenant, s.ProductId, s.SoldAt });
            e.HasIndex(s => new { s.Tenant, s.Category, s.SoldAt });
            e.HasIndex(s => new { s.Tenant, s.SoldAt });
        });
        model.Entity<DemandPattern>(e =>
        {
            e.ToTable("demand_patterns");
            e.HasNaturalKey(p => p.NaturalKey);
            e.Property(p => p.Kind).HasConversion<string>();
            e.Property(p => p.Measure).HasConversion<string>();
            e.Property(p => p.DemandClass).HasConversion<string>();
            e.Property(p => p.DayOfWeek).IsJson(dialect);
            e.Property(p => p.Month).IsJson(dialect);
            e.Property<string?>(nameof(DemandPattern.Notes)).IsJson(dialect).IsRequired();
            e.Property<string?>(nameof(DemandPattern.Scope)).IsJson(dialect).IsRequired();
            e.HasIndex(p => new { p.Tenant, p.Subject });
        });
        model.Entity<RiskAssessment>(e =>
        {
            e.ToTable("risk_assessments");
            e.Property(r => r.Kind).HasConversion<string>();
            e.Property(r => r.Level).HasConversion<string>();
            e.Encrypts("amounts", r => r.Drivers);
            e.Property<string?>(nameof(RiskAssessment.Mitigations)).IsJson(dialect).IsRequired();
            e.Property<string?>(nameof(RiskAssessment.Scope)).IsJson(dialect).IsRequired();
            e.HasIndex(r => new { r.Tenant, r.ProductId, r.Id });
        });
        model.Entity<Scenario>(e =>
        {
            e.ToTable("scenarios");
            e.Property(s => s.Kind).HasConversion<string>();
            e.Property<string?>(nameof(Scenario.Parameters)).IsJson(dialect).IsRequired();
            e.Encrypts("amounts", s => s.Baseline, s => s.Outcome);
            e.HasIndex(s => new { s.Tenant, s.Id });
        });
        model.Entity<ComplianceResult>(e =>
        {
            e.ToTable("compliance_results");
            e.Property(r => r.Verdict).HasConversion<string>();
            e.Encrypts("amounts", r => r.Violations);
            e.Property<string?>(nameof(ComplianceResult.Scope)).IsJson(dialect).IsRequired();
            e.HasIndex(r => new { r.Tenant, r.ProductId, r.Id });
        });
        model.Entity<Insight>(e =>
        {
            e.ToTable("insights");
            e.Property(i => i.Type).HasConversion<string>();
            e.Encrypts("amounts", i => i.Text, i => i.Evidence);
            e.Property<string?>(nameof(Insight.Actions)).IsJson(dialect).IsRequired();
            e.HasIndex(i => new { i.Tenant, i.Id });
        });
    }
}
