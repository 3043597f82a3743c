using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Retail.Patterns;

namespace CloudStore.Storage.Retail.Scenarios;

/// <summary>
/// The formulas. The baseline is the mean day times the days looked ahead. A price that changes by p makes the units of a day (1 + p)^e times what they were, with the elasticity e
/// of the product; a demand shift by s makes them 1 + s times; a promotion does the first for its days, or what its uplift says.
/// </summary>
internal static class Simulator
{
    /// <exception cref="ProblemException">Of kind unprocessable: the sales do not carry an answer; the problem says why.</exception>
    public static (ScenarioFigures Baseline, ScenarioOutcome Outcome, double Confidence) Run(ScenarioDraft draft, ScenarioSum sum, string? currency)
    {
        if (sum.Net.Count == 0)
        {
            throw ProblemException.ForField(ProblemKind.Unprocessable, "productId", "sales", "There are no dated sales with a quantity and a price to learn from.");
        }

        int learnt = (sum.Net.Keys.Max() - sum.Net.Keys.Min()).Days + 1, days = draft.Days ?? ScenarioRules.StandardDays;
        double unitsPerDay = sum.Net.Values.Sum(d => d.Units) / learnt, revenuePerDay = sum.Net.Values.Sum(d => d.Revenue) / learnt;
        var baseline = Figures(days, unitsPerDay * days, revenuePerDay * days, currency, learnt);
        double change = draft.ChangePercent!.Value / 100, credibility = Credibility.Of(sum.Net.Count);
        if (draft.Kind == ScenarioKind.DemandShift)
        {
            var shifted = Figures(days, baseline.Units * (1 + change), baseline.Revenue * (1 + change), currency, learnt);
            return (baseline, new ScenarioOutcome(shifted, null, null, null, []), Math.Round(credibility, 6));
        }

        bool assumed = draft.UpliftPercent is not null;
        var elasticity = assumed ? null : Elasticity(sum);
        int changed = draft.PromotionDays ?? days;
        double Units(double factor) => (unitsPerDay * changed * factor) + (unitsPerDay * (days - changed));
        double factor = assumed ? 1 + (draft.UpliftPercent!.Value / 100) : Math.Pow(1 + change, elasticity!.Value);
        double revenue = (revenuePerDay * changed * factor * (1 + change)) + (revenuePerDay * (days - changed));
        var ends = elasticity is null ? default : Ends(elasticity, change, Units);
        var outcome = new ScenarioOutcome(Figures(days, Units(factor), revenue, currency, learnt), ends.Low, ends.High, elasticity, Notes(draft, sum, change, elasticity));
        double certainty = elasticity is null ? 0.5 : elasticity.Value == 0 ? 0 : Math.Max(0, 1 - (elasticity.StandardError / Math.Abs(elasticity.Value)));
        return (baseline, outcome, Math.Round(credibility * certainty, 6));
    }

    private static PriceElasticity Elasticity(ScenarioSum sum)
    {
        var days = sum.Sold.Values.Select(d => (d.Units, d.Revenue / d.Units)).ToList();
        return PriceElasticity.Estimate(days, out var refusal) ?? throw ProblemException.ForField(ProblemKind.Unprocessable, "productId", "elasticity", refusal!);
    }

    private static (double? Low, double? High) Ends(PriceElasticity elasticity, double change, Func<double, double> units)
    {
        double reach = elasticity.CriticalT * elasticity.StandardError;
        double a = units(Math.Pow(1 + change, elasticity.Value - reach)), b = units(Math.Pow(1 + change, elasticity.Value + reach));
        return (Math.Round(Math.Min(a, b), 6), Math.Round(Math.Max(a, b), 6));
    }

    private static List<string> Notes(ScenarioDraft draft, ScenarioSum sum, double change, PriceElasticity? elasticity)
    {
        var notes = new List<string>();
        var prices = sum.Sold.Values.Select(d => d.Revenue / d.Units).ToList();
        double last = prices.Count == 0 ? 0 : sum.Sold.OrderBy(d => d.Key).Last().Value is var (units, revenue) ? revenue / units : 0, asked = last * (1 + change);
        if (sum.LastMrp is { } mrp && asked > (double)mrp.Mrp)
        {
            notes.Add("The price asked would be above the printed maximum retail price, which is not allowed.");
        }

        if (elasticity is not null && (asked < prices.Min() || asked > prices.Max()))
        {
            notes.Add("The price asked lies outside of the prices that were seen: the elasticity is stretched beyond its data.");
        }

        if (elasticity is { Value: >= 0 })
        {
            notes.Add("The elasticity is not negative: something else than the price moved the demand.");
        }

        if (draft.UpliftPercent is not null)
        {
            notes.Add("The uplift is an assumption of the request, not an estimate; the confidence is halved.");
        }

        return notes;
    }

    private static ScenarioFigures Figures(int days, double units, double revenue, string? currency, int learnt) =>
        new(days, Math.Round(units, 6), Math.Round(revenue, 6), units > 0 ? Math.Round(revenue / units, 6) : null, currency, learnt);
}
