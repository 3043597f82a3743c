using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>What a caller says about a sale; <see cref="Sale"/> is what is kept of it. Absent is null.</summary>
public sealed record SaleDraft
{
    /// <summary>Needed; up to 256 characters.</summary>
    public string? ProductId { get; init; }

    public string? ProductName { get; init; }

    public string? Category { get; init; }

    public string? StoreId { get; init; }

    /// <summary>Invoice, order or receipt; with line, product, store, time and quantity it is the sale's key.</summary>
    public string? InvoiceId { get; init; }

    public string? LineId { get; init; }

    /// <summary>Who bought; erasing that person removes the sale.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Negative for a return.</summary>
    public decimal? Quantity { get; init; }

    /// <summary>The maximum retail price printed on one unit.</summary>
    public decimal? Mrp { get; init; }

    /// <summary>The price of one unit. Above the mrp it is kept and flagged.</summary>
    public decimal? SellingPrice { get; init; }

    /// <summary>The whole line's amount; quantity by price where absent.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217; INR where absent.</summary>
    public string? Currency { get; init; }

    /// <summary>A day or an instant from 1950 to a year from now; UTC where it has no offset.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? SoldAt { get; init; }

    public string? Season { get; init; }

    /// <summary>A JSON object of up to 64 KiB.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Metadata { get; init; }

    public static SaleDraft Of(Sale s) => new()
    {
        ProductId = s.ProductId,
        ProductName = s.ProductName,
        Category = s.Category,
        StoreId = s.StoreId,
        InvoiceId = s.InvoiceId,
        LineId = s.LineId,
        CustomerId = s.CustomerId,
        Quantity = s.Quantity,
        Mrp = s.Mrp,
        SellingPrice = s.SellingPrice,
        Amount = s.Amount,
        Currency = s.Currency,
        SoldAt = s.SoldAt,
        Season = s.Season,
        Metadata = s.Metadata,
    };

    /// <summary>A new record with its key and what is absent filled in; not checked.</summary>
    public Sale ToSale()
    {
        var sale = new Sale();
        Copy(sale);
        SaleDefaults.Fill(sale);
        sale.NaturalKey = SaleKey.Default(sale);
        return sale;
    }

    /// <summary>Makes a stored record say what this says. Its key follows where it is the default one; a key made of other columns stays.</summary>
    internal void ApplyTo(Sale sale)
    {
        bool follows = sale.NaturalKey == SaleKey.Default(sale);
        Copy(sale);
        SaleDefaults.Fill(sale);
        sale.NaturalKey = follows ? SaleKey.Default(sale) : sale.NaturalKey;
    }

    private void Copy(Sale s)
    {
        s.ProductId = ProductId ?? "";
        s.ProductName = ProductName;
        s.Category = Category;
        s.StoreId = StoreId;
        s.InvoiceId = InvoiceId;
        s.LineId = LineId;
        s.CustomerId = CustomerId;
        s.Quantity = Quantity;
        s.Mrp = Mrp;
        s.SellingPrice = SellingPrice;
        s.Amount = Amount;
        s.Currency = Currency ?? "";
        s.SoldAt = SoldAt;
        s.Season = Season;
        s.Metadata = Metadata;
    }
}
