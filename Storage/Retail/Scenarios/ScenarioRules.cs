using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Retail.Scenarios;

/// <summary>What a scenario's request must be.</summary>
public static class ScenarioRules
{
    public const int LongestName = 200;
    public const int MostDays = 366;
    public const int StandardDays = 28;

    public static void Check(ScenarioDraft draft, Action<string, string, string> report)
    {
        TextRules.Check("name", draft.Name, LongestName, report, required: true);
        int days = draft.Days ?? StandardDays;
        if (days is < 1 or > MostDays)
        {
            report("days", "range", $"days must be from 1 to {MostDays}; it is {days}.");
        }

        CheckPercent("changePercent", draft.ChangePercent, report, required: true);
        CheckPercent("upliftPercent", draft.UpliftPercent, report);
        if (draft.Kind != ScenarioKind.DemandShift && string.IsNullOrEmpty(draft.ProductId))
        {
            report("productId", "required", "productId is missing: an elasticity is that of one product.");
        }

        bool promotion = draft.Kind == ScenarioKind.Promotion;
        if (promotion && (draft.PromotionDays is not { } lasts || lasts < 1 || lasts > days))
        {
            report("promotionDays", "range", $"promotionDays must be from 1 to the days looked ahead, {days}.");
        }

        if (promotion && draft.ChangePercent >= 0)
        {
            report("changePercent", "negative", "A promotion lowers the price: changePercent must be negative.");
        }

        if (!promotion && (draft.PromotionDays is not null || draft.UpliftPercent is not null))
        {
            report(draft.PromotionDays is not null ? "promotionDays" : "upliftPercent", "promotion-only", "promotionDays and upliftPercent are for promotions only.");
        }
    }

    private static void CheckPercent(string field, double? percent, Action<string, string, string> report, bool required = false)
    {
        if (percent is null && required)
        {
            report(field, "required", $"{field} is missing.");
        }
        else if (percent is not (null or (> -100 and < 1000)))
        {
            report(field, "range", $"{field} must be above -100 and below 1,000; it is {percent.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)}.");
        }
    }
}
