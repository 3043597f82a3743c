namespace CloudStore.Storage.Records.Rules;

/// <summary>What a natural key must be, whoever made it.</summary>
internal static class KeyRules
{
    public static void Check(string key, Action<string, string, string> report) => TextRules.Check("naturalKey", key, KeyWriter.Longest, report, prose: true);
}
