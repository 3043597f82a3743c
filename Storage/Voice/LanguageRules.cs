namespace CloudStore.Storage.Voice;

/// <summary>Rules of language tags: well-formed by BCP 47 (RFC 5646 section 2.1) as far as its parts' letters and lengths go; whether a language exists is not looked up.</summary>
internal static class LanguageRules
{
    private const int Longest = 35;

    public static void Check(string field, string? tag, Action<string, string, string> report)
    {
        if (tag is not null && !IsTag(tag))
        {
            report(field, "language-tag", $"{field} must be a language tag such as hi, hi-IN or zh-Hant-TW.");
        }
    }

    private static bool IsTag(string tag)
    {
        if (tag.Length > Longest)
        {
            return false;
        }

        int part = 0;
        foreach (var range in tag.AsSpan().Split('-'))
        {
            var text = tag.AsSpan(range);
            bool right = part++ == 0 ? text.Length is 2 or 3 or >= 5 and <= 8 && !text.ContainsAnyExcept(Letters) : text.Length is >= 1 and <= 8 && !text.ContainsAnyExcept(LettersAndDigits);
            if (!right)
            {
                return false;
            }
        }

        return true;
    }

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly System.Buffers.SearchValues<char> LettersAndDigits = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}
