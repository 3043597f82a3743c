namespace CloudStore.Storage.Imports.Reading;

/// <summary>Line ends as text files have them: LF, CR LF, CR, each of which is one.</summary>
internal static class LineBreaks
{
    public const byte LineFeed = (byte)'\n';
    public const byte CarriageReturn = (byte)'\r';

    public static int Count(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(LineFeed, CarriageReturn) < 0) return 0;
        return text.Count(LineFeed) + text.Count(CarriageReturn) - text.Count("\r\n"u8);
    }

    /// <summary>Length of the line end that starts at <paramref name="at"/>.</summary>
    public static int LengthAt(ReadOnlySpan<byte> text, int at) =>
        text[at] == CarriageReturn && at + 1 < text.Length && text[at + 1] == LineFeed ? 2 : 1;
}
