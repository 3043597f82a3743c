using System.Text;

namespace CloudStore.Storage.Imports.Targets;

/// <summary>How header names are compared.</summary>
public static class ColumnNames
{
    /// <summary>Lower-case letters and digits only: <c>"Spend [USD]"</c>, <c>spend_usd</c> and <c>SpendUSD</c> are the same name.</summary>
    public static string Normalize(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                text.Append(Rune.ToLowerInvariant(rune));
            }
        }

        // A name of signs alone stays as it is.
        return text.Length == 0 ? name : text.ToString();
    }
}
