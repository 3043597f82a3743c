using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Risks;

/// <summary>What the risks need to know of some sales.</summary>
internal sealed class RiskSum
{
    public Dictionary<DateTime, double> Units { get; } = [];

    public Dictionary<string, decimal> RevenueByProduct { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, decimal> RevenueByStore { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Currencies { get; } = [];

    public decimal MrpValue { get; private set; }

    /// <summary>What the goods with a printed price brought.</summary>
    public decimal MrpRevenue { get; private set; }

    public void Add(Sale sale)
    {
        if (sale is { SoldAt: { } at, Quantity: { } quantity })
        {
            Units[at.Date] = Units.GetValueOrDefault(at.Date) + (double)quantity;
        }

        if (sale.Revenue is { } revenue)
        {
            Currencies.Add(sale.Currency);
            Increase(RevenueByProduct, sale.ProductId, revenue);
            Increase(RevenueByStore, sale.StoreId ?? "", revenue);
        }

        if (!sale.IsReturn && sale is { Mrp: > 0 and var mrp, UnitPrice: { } price })
        {
            MrpValue += mrp * (sale.Quantity ?? 1);
            MrpRevenue += price * (sale.Quantity ?? 1);
        }
    }

    public void Add(RiskSum other)
    {
        foreach (var (day, units) in other.Units)
        {
            Units[day] = Units.GetValueOrDefault(day) + units;
        }

        foreach (var (product, revenue) in other.RevenueByProduct)
        {
            Increase(RevenueByProduct, product, revenue);
        }

        foreach (var (store, revenue) in other.RevenueByStore)
        {
            Increase(RevenueByStore, store, revenue);
        }

        Currencies.UnionWith(other.Currencies);
        MrpValue += other.MrpValue;
        MrpRevenue += other.MrpRevenue;
    }

    private static void Increase(Dictionary<string, decimal> sums, string key, decimal by) => sums[key] = sums.GetValueOrDefault(key) + by;
}
