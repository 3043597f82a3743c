using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Api.Campaigns;

/// <summary>What requests and answers look like in the OpenAPI document.</summary>
internal static class CampaignExamples
{
    public static readonly CampaignDraft Draft = new()
    {
        CampaignId = "spring-2026",
        CampaignName = "Spring sale",
        Platform = "Google",
        Channel = "Search",
        Spend = 120.50m,
        Impressions = 48_000,
        Clicks = 960,
        Conversions = 24,
        Revenue = 603.75m,
        Date = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc),
        FunnelStage = "consideration",
        AdditionalData = """{"device":"mobile"}""",
    };

    public static readonly Campaign Campaign = Stored(Draft.ToCampaign());

    public static readonly Page<Campaign> Page = new([Campaign], null, 1);

    public static readonly BatchResult Batch = new(1, 0, 0, [Campaign.Id]);

    public static readonly MetricsAnswer Metrics = Sums();

    public static readonly AnalysisDraft AnalysisDraft = new()
    {
        Type = AnalysisType.Auto,
        Status = AnalysisStatus.Completed,
        Insights = """["Search brings five times its cost."]""",
        Recommendations = """["Move budget from Display to Search."]""",
        Metrics = """{"roas":5.01}""",
        ExecutiveSummary = "Search carries the campaign.",
        ExecutionTime = 1.8,
    };

    public static readonly Analysis Analysis = Stored(new Analysis
    {
        CampaignRef = Campaign.Id,
        Type = AnalysisDraft.Type,
        Status = AnalysisDraft.Status,
        Insights = AnalysisDraft.Insights,
        Recommendations = AnalysisDraft.Recommendations,
        Metrics = AnalysisDraft.Metrics,
        ExecutiveSummary = AnalysisDraft.ExecutiveSummary,
        ExecutionTime = AnalysisDraft.ExecutionTime,
        CompletedAt = At,
    });

    public static readonly ContextDraft ContextDraft = new("""{"goal":"new customers","monthlyBudget":5000}""", "budget raised");

    public static readonly CampaignContext Context = Stored(new CampaignContext { CampaignRef = Campaign.Id, Version = 2, Content = ContextDraft.Content, Note = ContextDraft.Note });

    public static readonly QueryDraft QueryDraft = new()
    {
        Question = "Which platform has the best return?",
        Answer = "Google, at 5.01.",
        Sources = """[{"metric":"roas","groupBy":"platform"}]""",
        Latency = 840,
    };

    public static readonly QueryHistory Query = Stored(new QueryHistory
    {
        Question = QueryDraft.Question!,
        Answer = QueryDraft.Answer,
        Sources = QueryDraft.Sources,
        Latency = QueryDraft.Latency,
        Feedback = 1,
        FeedbackText = "to the point",
    });

    public static readonly FeedbackDraft Feedback = new(1, "to the point");

    public static readonly LlmUsageDraft UsageDraft = new()
    {
        Provider = "openai",
        Model = "gpt-4o",
        PromptTokens = 1_200,
        CompletionTokens = 300,
        Cost = 0.006m,
        Operation = "analysis",
        Latency = 2_100,
        At = At,
    };

    public static readonly LlmUsage Usage = Stored(new LlmUsage
    {
        Provider = "openai",
        Model = "gpt-4o",
        PromptTokens = 1_200,
        CompletionTokens = 300,
        TotalTokens = 1_500,
        Cost = 0.006m,
        Operation = "analysis",
        Latency = 2_100,
        At = At,
    });

    public static readonly LlmUsageTotals Totals = new(
        [new LlmUsageTotal("openai", 1, 1_200, 300, 1_500, 0.006m, "USD", new Dictionary<string, decimal> { ["USD"] = 0.006m })],
        new LlmUsageTotal(null, 1, 1_200, 300, 1_500, 0.006m, "USD", new Dictionary<string, decimal> { ["USD"] = 0.006m }));

    private static DateTime At => new(2026, 3, 2, 8, 15, 0, DateTimeKind.Utc);

    private static MetricsAnswer Sums()
    {
        var row = new MetricsRow { Key = "Google", Campaigns = 1, Rows = 1, Spend = 120.50m, Impressions = 48_000, Clicks = 960, Conversions = 24, Revenue = 603.75m };
        return new MetricsAnswer([row], row with { Key = null });
    }

    private static T Stored<T>(T record)
        where T : CloudStore.Storage.Records.Record
    {
        record.Id = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e1f");
        record.CreatedAt = record.UpdatedAt = At;
        record.Revision = 1;
        return record;
    }
}
