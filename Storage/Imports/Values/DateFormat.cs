namespace CloudStore.Storage.Imports.Values;

/// <summary>
/// A date format that was asked for, in the field's common letters (<c>dd/MM/yyyy HH:mm:ss</c>, also <c>DD</c> and <c>YYYY</c>) or strptime's
/// (<c>%d/%m/%Y</c>). Several, for a column that mixes them, stand one behind the other with <c>|</c> between. Days and months may have one
/// digit where the format has two, if something other than a digit follows. Times without an offset are UTC.
/// </summary>
public sealed class DateFormat
{
    private readonly DateFormatPart[][] _alternatives;

    private DateFormat(string text, DateFormatPart[][] alternatives)
    {
        Text = text;
        _alternatives = alternatives;
    }

    /// <summary>The format as it was given.</summary>
    public string Text { get; }

    /// <exception cref="FormatException">The format does not name a year, a month and a day, or has letters that mean nothing.</exception>
    public static DateFormat Parse(string format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return new(format, [.. format.Split('|', StringSplitOptions.TrimEntries).Select(DateFormatPart.ParseAll)]);
    }

    public bool TryParse(ReadOnlySpan<byte> text, out DateTime value, out DateFault fault)
    {
        text = NumberText.Trim(text);
        value = default;
        fault = text.IsEmpty ? DateFault.Empty : DateFault.NotADate;
        if (text.IsEmpty) return false;
        foreach (DateFormatPart[] parts in _alternatives)
        {
            DateFault found = Match(parts, text, out value);
            if (found == DateFault.None)
            {
                fault = found;
                return true;
            }

            if (found == DateFault.NoSuchDate) fault = found;
        }

        return false;
    }

    private static DateFault Match(DateFormatPart[] format, ReadOnlySpan<byte> text, out DateTime value)
    {
        value = default;
        var cursor = new DateText(text);
        DateParts parts = default;
        int half = 0;
        foreach (DateFormatPart part in format)
        {
            if (!part.Take(ref cursor, ref parts, ref half)) return DateFault.NotADate;
        }

        if (!cursor.AtEnd) return DateFault.NotADate;
        return parts.ApplyHalfDay(half) ? parts.ToUtc(out value) : DateFault.NoSuchDate;
    }
}
