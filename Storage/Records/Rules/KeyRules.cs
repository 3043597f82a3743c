namespace CloudStore.Storage.Records.Rules;

/// <summary>
/// What a natural key must be, whoever made it. Less than is asked of texts that people read: a key is made of a file's columns as they stand, and files have control characters
/// in columns that nobody looks at.
/// </summary>
internal static class KeyRules
{
    public static void Check(string key, Action<string, string, string> report)
    {
        if (key.Length > KeyWriter.Longest)
        {
            report("naturalKey", "max-length", $"naturalKey has {key.Length} characters; it may have at most {KeyWriter.Longest}.");
        }

        if (key.Contains('\0'))
        {
            report("naturalKey", "no-control-characters", "naturalKey has a NUL in it, which databases do not store.");
        }

        for (int i = 0; i < key.Length; i++)
        {
            if (char.IsSurrogate(key[i]) && !(i + 1 < key.Length && char.IsSurrogatePair(key[i], key[++i])))
            {
                report("naturalKey", "unicode", "naturalKey has half of a surrogate pair in it, which is no text.");
                return;
            }
        }
    }
}
