using System.Text.Json;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>Tells JSON from CSV, and one way to write JSON from the other, by the beginning of the decoded content.</summary>
internal static class FormatSniffer
{
    /// <summary>An opening brace means JSON Lines (or one object), an opening bracket a JSON array, anything else CSV.</summary>
    public static FileFormat Format(ReadOnlySpan<byte> sample)
    {
        ReadOnlySpan<byte> text = sample.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty) return FileFormat.Csv;
        return text[0] switch
        {
            (byte)'{' => FileFormat.JsonLines,
            (byte)'[' => FileFormat.JsonArray,
            _ => FileFormat.Csv,
        };
    }

    /// <summary>
    /// Objects that do not stand on one line each: one object printed over several lines, or several such. True only if the first
    /// object is well-formed (as far as the sample goes) and goes on behind its first line, so that a bad first line of JSON Lines is not taken for it.
    /// </summary>
    public static bool SpansLines(ReadOnlySpan<byte> sample, int maxDepth)
    {
        ReadOnlySpan<byte> text = sample.TrimStart(" \t\r\n"u8);
        int lineEnd = text.IndexOf(LineBreaks.LineFeed);
        if (lineEnd < 0 || text[0] != (byte)'{') return false;
        var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = maxDepth }));
        try
        {
            reader.Read();
            return !reader.TrySkip() || reader.BytesConsumed > lineEnd;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
