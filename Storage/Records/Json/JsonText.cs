using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace CloudStore.Storage.Records.Json;

/// <summary>JSON documents as text.</summary>
public static class JsonText
{
    /// <summary>Letters as they are, but for those beyond U+FFFF.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private const int EscapeLength = 6;

    /// <summary>
    /// The document with letters in place of their escapes (<c>\u00e9</c>), as jsonb keeps them, so that a document reads the same whichever database it is in. What has to
    /// be escaped stays so, as does half of a surrogate pair, which is no letter; a document without escapes is the same string.
    /// </summary>
    /// <param name="json">Well-formed, or text that a rule will refuse.</param>
    public static string WithoutEscapes(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        int at = json.IndexOf("\\u", StringComparison.Ordinal);
        if (at < 0)
        {
            return json;
        }

        var text = new StringBuilder(json.Length);
        int copied = 0;
        for (at = json.IndexOf('\\', StringComparison.Ordinal); at >= 0 && at + 1 < json.Length; at = json.IndexOf('\\', at))
        {
            // A backslash starts an escape of two characters, or of six.
            int length = Letter(json, at, out char first) ? EscapeLength : 2;
            if (length == 2 || !IsPlain(json, at, first, out char second, ref length))
            {
                at += length;
                continue;
            }

            text.Append(json, copied, at - copied).Append(first);
            if (second != 0)
            {
                text.Append(second);
            }

            copied = at += length;
        }

        return text.Append(json, copied, json.Length - copied).ToString();
    }

    private static bool IsPlain(string json, int at, char first, out char second, ref int length)
    {
        second = '\0';
        if (!char.IsSurrogate(first))
        {
            return !char.IsControl(first) && first is not ('"' or '\\');
        }

        if (!Letter(json, at + EscapeLength, out char next) || !char.IsSurrogatePair(first, next))
        {
            return false;
        }

        (second, length) = (next, 2 * EscapeLength);
        return true;
    }

    private static bool Letter(string json, int at, out char letter)
    {
        letter = '\0';
        if (at + EscapeLength > json.Length || json[at] != '\\' || json[at + 1] != 'u'
            || !ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            return false;
        }

        letter = (char)code;
        return true;
    }
}
