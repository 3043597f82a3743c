using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.ProtectedSample;

/// <summary>A record whose fields are encrypted in every way the product offers: two tokens, all kinds of values, a person's own key, a blind index.</summary>
public sealed class Visit : Record
{
    public string NaturalKey { get; set; } = "";

    /// <summary>Whose key encrypts; null for the tenant's.</summary>
    public string? Person { get; set; }

    public string Shop { get; set; } = "";

    public decimal Mrp { get; set; }

    public decimal? SellingPrice { get; set; }

    /// <summary>The token of the prices.</summary>
    public byte[]? Prices { get; set; }

    public string? Email { get; set; }

    public long Points { get; set; }

    public int? Age { get; set; }

    public double Score { get; set; }

    public bool Member { get; set; }

    public DateTime? BornAt { get; set; }

    public Guid Card { get; set; }

    /// <summary>The token of what is known of the visitor.</summary>
    public byte[]? Visitor { get; set; }

    /// <summary>The hash that finds the email.</summary>
    public byte[]? EmailIndex { get; set; }

    internal static void Configure(ModelBuilder model) =>
        model.Entity<Visit>(e =>
        {
            e.ToTable("visits");
            e.HasNaturalKey(v => v.NaturalKey);
            e.Encrypts("prices", v => v.Mrp, v => v.SellingPrice);
            e.Encrypts("visitor", v => v.Email, v => v.Points, v => v.Age, v => v.Score, v => v.Member, v => v.BornAt, v => v.Card);
            e.HasBlindIndex(v => v.EmailIndex, v => v.Email, ignoreCase: true);
            e.HasKeySubject(v => v.Person);
        });
}
