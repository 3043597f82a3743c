namespace CloudStore.Storage.Retail.Risks;

/// <summary>What can be done about a risk.</summary>
public static class Mitigations
{
    /// <summary>Nothing where the risk is low or unknown.</summary>
    public static IReadOnlyList<string> For(RiskKind kind, RiskLevel level) => level is RiskLevel.Low or RiskLevel.Unknown ? [] : kind switch
    {
        RiskKind.DemandDecline => ["Order less ahead, and in smaller lots.", "Simulate a promotion before the stock is written down."],
        RiskKind.Volatility => ["Hold safety stock by the spread of the weeks, not by their mean.", "Shorten the time between orders."],
        RiskKind.MarginUnderMrp => ["Ask suppliers for a better transfer price: the printed price leaves no room.", "Have the maximum retail price revised on new packages only; printed ones bind."],
        RiskKind.Concentration => ["Secure the supply of what brings most revenue.", "Widen the range or the stores that carry it."],
        _ => ["Move the stock to a store that sells it.", "Simulate a promotion, or return it to the supplier."],
    };
}
