using System.Collections.Frozen;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>The words that stand for actions in the table, in log entries and in the API.</summary>
public static class AuditActions
{
    private static readonly FrozenDictionary<AuditAction, string> Words = Enum.GetValues<AuditAction>().ToFrozenDictionary(a => a, a => a.ToString().ToLowerInvariant());
    private static readonly FrozenDictionary<string, AuditAction> Actions = Words.ToFrozenDictionary(p => p.Value, p => p.Key);

    public static string Word(this AuditAction action) => Words[action];

    /// <exception cref="FormatException">There is no such action: the table or the log was not written by this product.</exception>
    public static AuditAction Parse(string word) => Actions.TryGetValue(word, out var action) ? action : throw new FormatException($"'{word}' is no audit action.");
}
