using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Compliance;

/// <summary>What the check knows of some sales; it keeps the worst violations only, however many there are.</summary>
internal sealed class ComplianceSum
{
    public const int MostKept = 20;
    private readonly Dictionary<string, decimal> _overcharge = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Violation, decimal> _worst = new();

    public long Checked { get; private set; }

    public long Unchecked { get; private set; }

    public long Violations { get; private set; }

    public ViolationReport Report => new(
        new SortedDictionary<string, decimal>(_overcharge, StringComparer.Ordinal),
        [.. _worst.UnorderedItems.Select(i => i.Element).OrderByDescending(v => v.Overcharge).ThenBy(v => v.Sale, StringComparer.Ordinal)]);

    public Verdict Verdict => Violations > 0 ? Verdict.Violated : Checked > 0 ? Verdict.Compliant : Verdict.NotChecked;

    /// <summary>Counts a sale; gives the violation where it is one.</summary>
    public Violation? Add(Sale sale)
    {
        if (sale.IsReturn)
        {
            return null;
        }

        if (sale.Mrp is not > 0 || sale.UnitPrice is not { } price)
        {
            Unchecked++;
            return null;
        }

        Checked++;
        if (!SaleDefaults.IsAboveMrp(sale))
        {
            return null;
        }

        decimal quantity = sale.Quantity ?? 1;
        var violation = new Violation($"/v1/retail/sales/{sale.Id}", sale.ProductId, sale.SoldAt, quantity, sale.Mrp!.Value, price, (price - sale.Mrp.Value) * quantity, sale.Currency);
        Add(violation);
        return violation;
    }

    public void Add(Violation violation)
    {
        Violations++;
        _overcharge[violation.Currency] = _overcharge.GetValueOrDefault(violation.Currency) + violation.Overcharge;
        Keep(violation);
    }

    public void Add(ComplianceSum other)
    {
        (Checked, Unchecked, Violations) = (Checked + other.Checked, Unchecked + other.Unchecked, Violations + other.Violations);
        foreach (var (currency, amount) in other._overcharge)
        {
            _overcharge[currency] = _overcharge.GetValueOrDefault(currency) + amount;
        }

        foreach (var (violation, _) in other._worst.UnorderedItems)
        {
            Keep(violation);
        }
    }

    private void Keep(Violation violation)
    {
        _worst.Enqueue(violation, violation.Overcharge);
        if (_worst.Count > MostKept)
        {
            _worst.Dequeue();
        }
    }
}
