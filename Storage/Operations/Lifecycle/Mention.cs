using System.Text.Json;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// Whether a text names a person: it has the name as the records have it, with no letter or digit right before or behind it; or it is JSON, and a value in it has, however its
/// characters are escaped. Another spelling of the name is not found.
/// </summary>
internal sealed class Mention(string subject)
{
    public bool IsIn(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        for (int at = text.IndexOf(subject, StringComparison.Ordinal); at >= 0; at = text.IndexOf(subject, at + 1, StringComparison.Ordinal))
        {
            int end = at + subject.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                return true;
            }
        }

        // Only an escape can hide the name from a look at the text; CSV writes a quote twice.
        return (text.Contains('\\', StringComparison.Ordinal) && IsInJson(text)) || (subject.Contains('"', StringComparison.Ordinal) && text.Contains(subject.Replace("\"", "\"\""), StringComparison.Ordinal));
    }

    private bool IsInJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return IsIn(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a character in it.
            return false;
        }
    }

    private bool IsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(p => IsIn(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(IsIn),
        JsonValueKind.String => element.GetString() is { } text && (text == subject || (!text.Contains('\\', StringComparison.Ordinal) && IsIn(text))),
        _ => false,
    };
}
