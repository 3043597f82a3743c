namespace CloudStore.Storage.Imports.Values;

/// <summary>
/// Text that a spreadsheet would take for a formula, after OWASP's page on CSV injection: it starts with an equals, plus, minus or at sign (ASCII or full width), a
/// tab or a line break. An apostrophe in front makes it text. Text that starts with apostrophes and goes on like that gets one more, so that taking one off always
/// gives back what was there.
/// </summary>
public static class FormulaText
{
    public const byte Prefix = (byte)'\'';

    /// <param name="text">UTF-8.</param>
    public static bool NeedsPrefix(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(Prefix);
        return !text.IsEmpty && (text[0] is (byte)'=' or (byte)'+' or (byte)'-' or (byte)'@' or (byte)'\t' or (byte)'\r' or (byte)'\n'
            || text.StartsWith("＝"u8) || text.StartsWith("＋"u8) || text.StartsWith("－"u8) || text.StartsWith("＠"u8));
    }

    /// <summary>The text without the apostrophe that an export has put in front of it; any other text as it is.</summary>
    public static ReadOnlySpan<byte> Unprefixed(ReadOnlySpan<byte> text) => !text.IsEmpty && text[0] == Prefix && NeedsPrefix(text) ? text[1..] : text;
}
