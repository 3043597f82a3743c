using System.Text;

namespace CloudStore.Storage.Imports.Values;

/// <summary>
/// Text that was Windows-1252 and read as ISO 8859-1 before it became UTF-8: its quotes, dashes and euro signs have become control characters (U+0080 to U+009F),
/// which no text has otherwise.
/// </summary>
public static class MisreadText
{
    // What the bytes 0x80 to 0x9F are in Windows-1252 (encoding.spec.whatwg.org); the five that it leaves open stay.
    private const string Meant = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

    /// <summary>The text with the characters that were meant; the same string where there are none to mend.</summary>
    public static string Mend(string text)
    {
        int at = text.AsSpan().IndexOfAnyInRange('\u0080', '\u009f');
        if (at < 0)
        {
            return text;
        }

        var mended = new StringBuilder(text);
        for (; at < mended.Length; at++)
        {
            mended[at] = mended[at] is >= '\u0080' and <= '\u009f' ? Meant[mended[at] - '\u0080'] : mended[at];
        }

        return mended.ToString();
    }
}
