using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>
/// One line of a sale: a product, how much of it and for what. What the source does not have is null, never 0. A negative quantity is a return, which a price
/// does not change. Amounts (<see cref="Mrp"/>, <see cref="SellingPrice"/>, <see cref="Amount"/>) and <see cref="Metadata"/> are encrypted in the database:
/// nothing filters, sorts or sums by them there.
/// </summary>
public sealed class Sale : Record
{
    /// <summary>Unique in the tenant: see <see cref="SaleKey"/>.</summary>
    [JsonIgnore]
    public string NaturalKey { get; set; } = "";

    public string ProductId { get; set; } = "";

    public string? ProductName { get; set; }

    public string? Category { get; set; }

    public string? StoreId { get; set; }

    /// <summary>Invoice, order or receipt.</summary>
    public string? InvoiceId { get; set; }

    /// <summary>The line within the invoice or the file, where the source numbers them.</summary>
    public string? LineId { get; set; }

    /// <summary>Who bought, as the shop names them. The row goes when they are erased.</summary>
    public string? CustomerId { get; set; }

    /// <summary>Units or a weight; negative for a return.</summary>
    public decimal? Quantity { get; set; }

    /// <summary>The maximum retail price printed on one unit.</summary>
    public decimal? Mrp { get; set; }

    /// <summary>The price of one unit.</summary>
    public decimal? SellingPrice { get; set; }

    /// <summary>The whole line's amount, where the source gives it; negative for a return.</summary>
    public decimal? Amount { get; set; }

    /// <summary>ISO 4217.</summary>
    public string Currency { get; set; } = SaleDefaults.Currency;

    /// <summary>UTC; null where the source has no date, and then no part of patterns.</summary>
    public DateTime? SoldAt { get; set; }

    public string? Season { get; set; }

    /// <summary>What else the source has: a JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Metadata { get; set; }

    /// <summary>The amounts and the metadata as they are stored: one encrypted token.</summary>
    [JsonIgnore]
    public byte[]? Prices { get; set; }

    /// <summary>Sold above the maximum retail price. It is all that the database knows of the prices.</summary>
    public bool AboveMrp { get; set; }

    /// <summary>Goods that came back: a negative quantity, or a negative amount where there is no quantity.</summary>
    [NotMapped]
    public bool IsReturn => Quantity < 0 || (Quantity is null && Amount < 0);

    /// <summary>The price of one unit: as given, else what the line's amount makes. Null where that is beyond all amounts: next to nothing was sold, for something.</summary>
    [NotMapped]
    [JsonIgnore]
    public decimal? UnitPrice => SellingPrice ?? (Amount is { } amount && Quantity is { } quantity && quantity != 0
        && (Math.Abs(quantity) >= 1 || Math.Abs(amount) <= NumberRules.LargestAmount * Math.Abs(quantity)) ? amount / quantity : null);

    /// <summary>What the line brought: the amount as given, else quantity by price; negative for a return.</summary>
    [NotMapped]
    public decimal? Revenue => Amount ?? Quantity * SellingPrice;

    internal Sale Copy() => (Sale)MemberwiseClone();
}
