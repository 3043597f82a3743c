using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Scenarios;

/// <summary>What scenarios need to know of some sales.</summary>
internal sealed class ScenarioSum
{
    /// <summary>Units and money of each day, returns taken off.</summary>
    public Dictionary<DateTime, (double Units, double Revenue)> Net { get; } = [];

    /// <summary>Units and money of what was sold at a price, for the elasticity.</summary>
    public Dictionary<DateTime, (double Units, double Revenue)> Sold { get; } = [];

    public HashSet<string> Currencies { get; } = [];

    /// <summary>The lowest printed price of the last day that has one.</summary>
    public (DateTime Day, decimal Mrp)? LastMrp { get; private set; }

    public void Add(Sale sale)
    {
        if (sale.SoldAt is not { } at || sale.Revenue is not { } revenue || sale.Quantity is not { } quantity)
        {
            return;
        }

        Currencies.Add(sale.Currency);
        Increase(Net, at.Date, (double)quantity, (double)revenue);
        if (quantity > 0 && revenue > 0)
        {
            Increase(Sold, at.Date, (double)quantity, (double)revenue);
        }

        if (sale.Mrp is > 0 and var mrp)
        {
            Lower(at.Date, mrp);
        }
    }

    public void Add(ScenarioSum other)
    {
        foreach (var (day, total) in other.Net)
        {
            Increase(Net, day, total.Units, total.Revenue);
        }

        foreach (var (day, total) in other.Sold)
        {
            Increase(Sold, day, total.Units, total.Revenue);
        }

        Currencies.UnionWith(other.Currencies);
        if (other.LastMrp is { } last)
        {
            Lower(last.Day, last.Mrp);
        }
    }

    private void Lower(DateTime day, decimal mrp)
    {
        if (LastMrp is not { } last || day > last.Day || (day == last.Day && mrp < last.Mrp))
        {
            LastMrp = (day, mrp);
        }
    }

    private static void Increase(Dictionary<DateTime, (double Units, double Revenue)> days, DateTime day, double units, double revenue)
    {
        var (u, r) = days.GetValueOrDefault(day);
        days[day] = (u + units, r + revenue);
    }
}
