using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>What an entry of the query history must be.</summary>
public static class QueryRules
{
    public const int LongestQuestion = 8_000;
    public const int LongestAnswer = 100_000;
    public const int LongestFeedback = 4_000;

    public static void Check(QueryHistory query, Action<string, string, string> report)
    {
        TextRules.Check("question", query.Question, LongestQuestion, report, required: true, prose: true);
        TextRules.Check("answer", query.Answer, LongestAnswer, report, prose: true);
        TextRules.Check("feedbackText", query.FeedbackText, LongestFeedback, report, prose: true);
        JsonRules.CheckArray("sources", query.Sources, report);
        NumberRules.Check("latency", query.Latency, report);
        if (query.Feedback is < -1 or > 1)
        {
            report("feedback", "range", $"feedback is -1, 0 or 1; it is {query.Feedback}.");
        }
    }
}
