namespace CloudStore.Storage.Records.Rules;

/// <summary>Rules of text fields. Nothing is allocated where a value is right.</summary>
internal static class TextRules
{
    /// <summary>Checks the reason of a deletion.</summary>
    /// <exception cref="CloudStore.ServiceDefaults.Problems.ProblemException">Of kind invalid.</exception>
    public static void RequireReason(string? reason)
    {
        if (reason is not null)
        {
            RuleErrors.Require(reason, static (text, report) => Check("reason", text, 1000, report));
        }
    }

    /// <param name="longest">In UTF-16 units.</param>
    /// <param name="prose">Line breaks and tabs are allowed.</param>
    public static void Check(string field, string? value, int longest, Action<string, string, string> report, bool required = false, bool prose = false)
    {
        if (string.IsNullOrEmpty(value))
        {
            if (required)
            {
                report(field, "required", $"{field} is missing.");
            }

            return;
        }

        if (value.Length > longest)
        {
            report(field, "max-length", $"{field} has {value.Length} characters; it may have at most {longest}.");
        }

        switch (FindFault(value, prose))
        {
            case TextFault.Control:
                report(field, "no-control-characters", $"{field} has a control character in it.");
                break;
            case TextFault.LoneSurrogate:
                report(field, "unicode", $"{field} has half of a surrogate pair in it, which is no text.");
                break;
            default:
                break;
        }
    }

    // One pass with plain comparisons: the texts are short, and a row has five of them.
    private static TextFault FindFault(string text, bool prose)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is >= ' ' and < '\u007f' || (c > '\u009f' && !char.IsSurrogate(c)))
            {
                continue;
            }

            if (!char.IsSurrogate(c))
            {
                if (!prose || c is not ('\n' or '\r' or '\t'))
                {
                    return TextFault.Control;
                }
            }
            else if (i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1]))
            {
                i++;
            }
            else
            {
                return TextFault.LoneSurrogate;
            }
        }

        return TextFault.None;
    }

    private enum TextFault
    {
        None,
        Control,
        LoneSurrogate,
    }
}
