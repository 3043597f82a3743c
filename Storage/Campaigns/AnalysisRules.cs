using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>What an analysis must be.</summary>
public static class AnalysisRules
{
    public const int LongestSummary = 20_000;
    public const int LongestError = 4_000;
    private const double LongestSeconds = 1e9;

    public static void Check(Analysis analysis, Action<string, string, string> report)
    {
        JsonRules.CheckArray("insights", analysis.Insights, report);
        JsonRules.CheckArray("recommendations", analysis.Recommendations, report);
        JsonRules.CheckObject("metrics", analysis.Metrics, report);
        TextRules.Check("executiveSummary", analysis.ExecutiveSummary, LongestSummary, report, prose: true);
        TextRules.Check("error", analysis.Error, LongestError, report, prose: true);
        CampaignRules.CheckDate("completedAt", analysis.CompletedAt, report);
        if (analysis.ExecutionTime is { } seconds && !(seconds is >= 0 and <= LongestSeconds))
        {
            report("executionTime", "not-negative", $"executionTime is in seconds, from 0 to {LongestSeconds}.");
        }
    }
}
