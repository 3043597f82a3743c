using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.ProtectedSample;

/// <summary>A record with two encrypted prices and little else, for measuring.</summary>
public sealed class PricedRow : Record
{
    public long Quantity { get; set; }

    public decimal Mrp { get; set; }

    public decimal? SellingPrice { get; set; }

    /// <summary>The token of the prices.</summary>
    public byte[]? Prices { get; set; }

    internal static void Configure(ModelBuilder model) =>
        model.Entity<PricedRow>(e =>
        {
            e.ToTable("priced_rows");
            e.Encrypts("prices", r => r.Mrp, r => r.SellingPrice);
        });
}
