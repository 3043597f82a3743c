using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// Forbids that records are removed for good: by retention, by erasure, or with their key. What is null holds all; a hold with nothing but a reason holds all the
/// tenant has. It ends when it is released (deleted) or <see cref="Until"/> has come.
/// </summary>
public sealed class LegalHold : Record
{
    /// <summary>Why, for whoever meets it.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Name of the records' table.</summary>
    public string? RecordType { get; set; }

    /// <summary>The person the records are about.</summary>
    public string? Subject { get; set; }

    /// <summary>One record.</summary>
    public Guid? RecordId { get; set; }

    /// <summary>UTC; null until it is released.</summary>
    public DateTime? Until { get; set; }

    /// <summary>Whether a hold in force covers records of that person, or, with an empty name, any of the tenant's.</summary>
    internal static Task<bool> MayCoverAsync(StoreContext context, string tenant, string subject, CancellationToken cancellationToken)
    {
        var now = context.Now();
        return context.Set<LegalHold>().IgnoreQueryFilters().AnyAsync(
            h => h.Tenant == tenant && h.DeletedAt == null && (h.Until == null || h.Until > now) && (subject == "" || h.Subject == null || h.Subject == subject), cancellationToken);
    }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<LegalHold>(e =>
            {
                e.ToTable("legal_holds");
                e.HasIndex(h => new { h.Tenant, h.Id });
            });
    }
}
