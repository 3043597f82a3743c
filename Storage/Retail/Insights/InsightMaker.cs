using System.Globalization;
using System.Text.Json;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Insights;

/// <summary>Finds what is worth saying in totals. Money is only ever compared within one currency, which the filter names or the sales have.</summary>
internal sealed class InsightMaker(SaleFilter filter, string currency, SaleTotals products, SaleTotals weekdays, int days)
{
    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    private readonly SaleFilter _filter = filter with { Currency = currency };

    public IEnumerable<Insight> Make() => new[] { TopProduct(), Returns(), BestWeekday(), AboveMrp(), Headroom() }.OfType<Insight>();

    private SaleTotal All => products.Totals[0];

    private Insight? TopProduct()
    {
        var top = products.Groups.MaxBy(g => g.Revenue);
        if (top is null || All.Revenue <= 0 || products.Groups.Count < 2)
        {
            return null;
        }

        decimal share = Percent(top.Revenue, All.Revenue);
        return Insight(InsightType.TopProduct, $"Product {top.Key} brings {Text(share)} % of the revenue.", share, "100 * product / all",
            [Of("product", top.Revenue, TotalsGroup.Product, "/totals/0/revenue", top.Key), Of("all", All.Revenue, TotalsGroup.Product, "/totals/0/revenue")],
            ["Secure its supply.", "Look at its concentration with /v1/retail/risks."], top.Key);
    }

    private Insight? Returns()
    {
        if (All.UnitsSold <= 0 || All.UnitsReturned <= 0)
        {
            return null;
        }

        decimal share = Percent(All.UnitsReturned, All.UnitsSold);
        return Insight(InsightType.Returns, $"{Text(share)} % of the units sold came back.", share, "100 * returned / sold",
            [Of("returned", All.UnitsReturned, TotalsGroup.Product, "/totals/0/unitsReturned"), Of("sold", All.UnitsSold, TotalsGroup.Product, "/totals/0/unitsSold")],
            ["List the products with the most units returned: totals grouped by product."]);
    }

    private Insight? BestWeekday()
    {
        var known = weekdays.Groups.Where(g => g.Key is not null).ToList();
        decimal sold = known.Sum(g => g.UnitsSold);
        if (known.Count < 2 || sold <= 0 || days < PatternMaker.FewestDays)
        {
            return null;
        }

        var best = known.MaxBy(g => g.UnitsSold)!;
        decimal share = Percent(best.UnitsSold, sold);
        var figures = known.Select(g => Of($"day{g.Key}", g.UnitsSold, TotalsGroup.DayOfWeek, $"/groups/{IndexOf(weekdays.Groups, g)}/unitsSold")).ToList();
        return Insight(InsightType.BestWeekday, $"{Weekdays[int.Parse(best.Key!, CultureInfo.InvariantCulture) - 1]} sells most: {Text(share)} % of the units.", share,
            $"100 * day{best.Key} / ({string.Join(" + ", known.Select(g => $"day{g.Key}"))})", figures, ["Staff and stock for that day."]);
    }

    private Insight? AboveMrp()
    {
        if (All.AboveMrp == 0)
        {
            return null;
        }

        return Insight(InsightType.AboveMrp, $"{All.AboveMrp} sales were above the printed maximum retail price.", All.AboveMrp, "above",
            [Of("above", All.AboveMrp, TotalsGroup.Product, "/totals/0/aboveMrp"), Of("overcharge", All.Overcharge, TotalsGroup.Product, "/totals/0/overcharge")],
            ["Stop selling at these prices: the Legal Metrology (Packaged Commodities) Rules, 2011, forbid it.", "Run /v1/retail/compliance for the sales and amounts."], null, "&aboveMrp=true");
    }

    private Insight? Headroom()
    {
        if (All.MrpValue <= 0)
        {
            return null;
        }

        decimal headroom = Math.Round(100 * (1 - (All.RevenueOfMrpGoods / All.MrpValue)), 2, MidpointRounding.AwayFromZero);
        return Insight(InsightType.HeadroomUnderMrp, $"Goods with a printed price sell {Text(headroom)} % below it.", headroom, "100 * (1 - revenue / mrpValue)",
            [Of("revenue", All.RevenueOfMrpGoods, TotalsGroup.Product, "/totals/0/revenueOfMrpGoods"), Of("mrpValue", All.MrpValue, TotalsGroup.Product, "/totals/0/mrpValue")],
            headroom < 5 ? ["There is no room for higher prices: look at costs."] : ["Simulate a price change with /v1/retail/scenarios."]);
    }

    private Insight Insight(InsightType type, string text, decimal value, string formula, IReadOnlyList<Figure> figures, IReadOnlyList<string> actions, string? product = null, string more = "") => new()
    {
        Type = type,
        Text = text,
        Confidence = Math.Round(Credibility.Of(days), 6),
        Evidence = JsonSerializer.Serialize(new Evidence(value, formula, figures, $"/v1/retail/sales?limit=1000{SaleScope.Query(For(product))}{more}"), RetailJson.Default.Evidence),
        Actions = JsonSerializer.Serialize(actions, RetailJson.Default.IReadOnlyListString),
    };

    private Figure Of(string name, decimal value, TotalsGroup groupBy, string pointer, string? product = null) =>
        new(name, value, $"/v1/retail/sales/totals?groupBy={JsonNamingPolicy.CamelCase.ConvertName(groupBy.ToString())}{SaleScope.Query(For(product))}", pointer);

    private SaleFilter For(string? product) => product is null ? _filter : _filter with { Products = [product] };

    private static int IndexOf(IReadOnlyList<SaleTotal> groups, SaleTotal group) => groups.TakeWhile(g => g != group).Count();

    private static decimal Percent(decimal part, decimal whole) => Math.Round(100 * (part / whole), 2, MidpointRounding.AwayFromZero);

    private static string Text(decimal value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
