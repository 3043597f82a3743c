using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Scenarios;

namespace CloudStore.Api.Retail;

/// <summary>What is made from sales, as the OpenAPI document shows it.</summary>
internal static class AnalysisExamples
{
    private const string ScopeJson = """{"products":["RICE-5KG"],"category":null,"store":null,"currency":null,"from":null,"before":null}""";

    public static readonly PatternRun PatternRun = new(1_000, 42, 1.9, 3.1);

    public static readonly DemandPattern Pattern = Stored(new DemandPattern
    {
        Kind = PatternKind.Product,
        Subject = "RICE-5KG",
        DayOfWeek = "[0.91,0.88,0.93,0.97,1.08,1.21,1.02]",
        Month = "[0.97,0.95,0.99,1.01,1.03,0.96,0.94,0.98,1.02,1.12,1.06,0.97]",
        Level = 84,
        TrendPerWeek = 0.0012,
        TrendLow = -0.0004,
        TrendHigh = 0.0027,
        DemandClass = DemandClass.Smooth,
        Adi = 1.04,
        Cv2 = 0.21,
        SampleSize = 702,
        Days = 730,
        Confidence = 0.961644,
        Scope = ScopeJson,
        ValidFrom = At.AddDays(-730).Date,
        ValidTo = At.Date,
    });

    public static readonly RiskAssessment Risk = Stored(new RiskAssessment
    {
        Kind = RiskKind.MarginUnderMrp,
        ProductId = "RICE-5KG",
        Score = 61.86,
        Level = RiskLevel.High,
        Drivers = """[{"name":"headroom","value":0.07627,"unit":"ratio"}]""",
        Mitigations = """["Ask suppliers for a better transfer price: the printed price leaves no room."]""",
        Confidence = 0.961644,
        AsOf = At.Date,
        Scope = ScopeJson,
    });

    public static readonly ScenarioDraft ScenarioDraft = new() { Name = "Ten percent off", Kind = ScenarioKind.PriceChange, ProductId = "RICE-5KG", ChangePercent = -10, Days = 28 };

    public static readonly Scenario Scenario = Stored(new Scenario
    {
        Name = "Ten percent off",
        Kind = ScenarioKind.PriceChange,
        Parameters = """{"name":"Ten percent off","kind":"priceChange","productId":"RICE-5KG","days":28,"changePercent":-10}""",
        Baseline = """{"days":28,"units":336,"revenue":201432,"averagePrice":599.5,"currency":"INR","learntFromDays":730}""",
        Outcome = """{"figures":{"days":28,"units":386.1,"revenue":208320,"averagePrice":539.55,"currency":"INR","learntFromDays":730},"unitsLow":371.2,"unitsHigh":401.6,"elasticity":{"value":-1.32,"standardError":0.19,"days":702,"rSquared":0.07,"criticalT":1.963},"notes":[]}""",
        Confidence = 0.823,
    });

    public static readonly ComplianceResult Compliance = Stored(new ComplianceResult
    {
        CheckId = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e20"),
        ProductId = "RICE-5KG",
        Rule = ComplianceService.Rule,
        Verdict = Verdict.Violated,
        SalesChecked = 702,
        SalesUnchecked = 0,
        ViolationCount = 1,
        Violations = """{"overcharge":{"INR":10},"worst":[{"sale":"/v1/retail/sales/019caf3e-8d60-7c3a-9f10-6a5b4c3d2e1f","productId":"RICE-5KG","soldAt":"2026-03-01T11:20:00Z","quantity":1,"mrp":649,"price":659,"overcharge":10,"currency":"INR"}]}""",
        Scope = ScopeJson,
        CheckedAt = At,
    });

    public static readonly Insight Insight = Stored(new Insight
    {
        Type = InsightType.Returns,
        Text = "1.9 % of the units sold came back.",
        Confidence = 0.961644,
        Evidence = """{"value":1.9,"formula":"100 * returned / sold","figures":[{"name":"returned","value":19,"link":"/v1/retail/sales/totals?groupBy=product&store=S1&currency=INR","pointer":"/totals/0/unitsReturned"},{"name":"sold","value":1000,"link":"/v1/retail/sales/totals?groupBy=product&store=S1&currency=INR","pointer":"/totals/0/unitsSold"}],"rows":"/v1/retail/sales?limit=1000&store=S1&currency=INR"}""",
        Actions = """["List the products with the most units returned: totals grouped by product."]""",
    });

    private static DateTime At => new(2026, 3, 2, 8, 15, 0, DateTimeKind.Utc);

    public static Page<T> Page<T>(T record) => new([record], null, 1);

    private static T Stored<T>(T record)
        where T : Record
    {
        record.Id = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e21");
        record.CreatedAt = record.UpdatedAt = At;
        record.Revision = 1;
        return record;
    }
}
