using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a version of a campaign's context must be.</summary>
public static class ContextRules
{
    public const int LongestNote = 2_000;

    public static void Check(CampaignContext context, Action<string, string, string> report)
    {
        JsonRules.CheckObject("content", context.Content, report);
        TextRules.Check("note", context.Note, LongestNote, report, prose: true);
    }
}
