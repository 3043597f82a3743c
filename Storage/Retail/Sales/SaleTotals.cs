using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>What totals are grouped by. Days, weeks (from Monday) and months are UTC.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TotalsGroup>))]
public enum TotalsGroup
{
    Product,
    Category,
    Store,
    Day,
    Month,
    DayOfWeek,
}

/// <summary>Sums of sales by group and currency, and of all sales by currency. Money of two currencies is never added.</summary>
/// <param name="Groups">In the order of their keys, sales without the field (key null) last.</param>
/// <param name="Totals">One for each currency.</param>
public sealed record SaleTotals(IReadOnlyList<SaleTotal> Groups, IReadOnlyList<SaleTotal> Totals);

/// <summary>Sums of some sales in one currency.</summary>
public sealed record SaleTotal
{
    /// <summary>The group; null in totals and for sales without the field. A day of the week is 1 for Monday to 7.</summary>
    public string? Key { get; init; }

    public required string Currency { get; init; }

    /// <summary>How many records.</summary>
    public long Rows { get; set; }

    /// <summary>Quantities sold, returns not taken off.</summary>
    public decimal UnitsSold { get; set; }

    /// <summary>Quantities that came back.</summary>
    public decimal UnitsReturned { get; set; }

    /// <summary>What the sales brought, less what was given back.</summary>
    public decimal Revenue { get; set; }

    /// <summary>What was given back.</summary>
    public decimal Refunds { get; set; }

    /// <summary>What the goods sold with a printed price would have brought at that price.</summary>
    public decimal MrpValue { get; set; }

    /// <summary>What these goods brought.</summary>
    public decimal RevenueOfMrpGoods { get; set; }

    /// <summary>Records sold above the printed price.</summary>
    public long AboveMrp { get; set; }

    /// <summary>What was taken above the printed price.</summary>
    public decimal Overcharge { get; set; }

    internal void Add(Sale sale)
    {
        Rows++;
        decimal quantity = sale.Quantity ?? 0, revenue = sale.Revenue ?? 0;
        Revenue += revenue;
        if (sale.IsReturn)
        {
            UnitsReturned -= quantity;
            Refunds -= revenue;
            return;
        }

        UnitsSold += quantity;
        if (sale.Mrp is not > 0 || sale.UnitPrice is not { } price)
        {
            return;
        }

        decimal units = sale.Quantity ?? 1;
        MrpValue += sale.Mrp.Value * units;
        RevenueOfMrpGoods += price * units;
        if (SaleDefaults.IsAboveMrp(sale))
        {
            AboveMrp++;
            Overcharge += (price - sale.Mrp.Value) * units;
        }
    }

    internal void Add(SaleTotal other)
    {
        Rows += other.Rows;
        UnitsSold += other.UnitsSold;
        UnitsReturned += other.UnitsReturned;
        Revenue += other.Revenue;
        Refunds += other.Refunds;
        MrpValue += other.MrpValue;
        RevenueOfMrpGoods += other.RevenueOfMrpGoods;
        AboveMrp += other.AboveMrp;
        Overcharge += other.Overcharge;
    }
}
