namespace CloudStore.Storage.Imports.Values;

/// <summary>One part of a <see cref="DateFormat"/>: a letter with its count, or one literal character.</summary>
/// <param name="Letter">y, M, d, H, h, m, s, f, t (AM/PM) or z (offset); 0 for a literal.</param>
internal readonly record struct DateFormatPart(char Letter, int Count, char Literal)
{
    public static DateFormatPart[] ParseAll(string format)
    {
        List<DateFormatPart> parts = format.Contains('%', StringComparison.Ordinal) ? ParsePercent(format) : ParseLetters(format);
        if (!parts.Exists(p => p.Letter == 'M') && !parts.Exists(p => p.Letter is 'H' or 'h'))
        {
            // Without hours there are no minutes: mm was meant as the month.
            parts = parts.ConvertAll(p => p.Letter == 'm' ? p with { Letter = 'M' } : p);
        }

        foreach (char needed in "yMd")
        {
            if (!parts.Exists(p => p.Letter == needed && (needed != 'd' || p.Count <= 2)))
                throw new FormatException($"The date format \"{format}\" has to name a year (yyyy), a month (MM) and a day (dd).");
        }

        return [.. parts];
    }

    /// <summary>Takes what the part stands for off the text. False where it is not there.</summary>
    public bool Take(ref DateText text, ref DateParts parts, ref int half)
    {
        switch (Letter)
        {
            case 'y':
                int digits = text.TakeNumber(Count > 2 ? 4 : 2, out int year);
                parts.Year = DateParts.FullYear(digits, year);
                return digits == (Count > 2 ? 4 : 2);
            case 'M' when Count > 2:
                return (parts.Month = text.TakeMonth()) > 0;
            case 'M':
                return text.TakeNumber(2, out parts.Month) > 0;
            case 'd' when Count > 2:
                return text.TakeWeekday();
            case 'd':
                return text.TakeNumber(2, out parts.Day) > 0;
            case 'H' or 'h':
                return text.TakeNumber(2, out parts.Hour) > 0;
            case 'm':
                return text.TakeNumber(2, out parts.Minute) > 0;
            case 's':
                return text.TakeNumber(2, out parts.Second) > 0;
            case 'f':
                if (!text.AtDigit) return false;
                parts.TakeFraction(ref text);
                return true;
            case 't':
                return (half = text.TakeHalfDay()) > 0;
            case 'z':
                return text.TakeOffset(out parts.Offset, out bool valid) && valid;
            default:
                return Literal == ' ' ? text.TakeSpaces() : text.Take((byte)Literal);
        }
    }

    private static List<DateFormatPart> ParseLetters(string format)
    {
        var parts = new List<DateFormatPart>();
        for (int i = 0; i < format.Length;)
        {
            char c = format[i];
            int count = 1;
            if (c == '\'')
            {
                int close = format.IndexOf('\'', i + 1);
                if (close < 0) throw new FormatException($"The date format \"{format}\" has a quote that is not closed.");
                foreach (char literal in format[(i + 1)..close]) parts.Add(new('\0', 0, literal));
                i = close + 1;
                continue;
            }

            while (char.IsAsciiLetter(c) && i + count < format.Length && format[i + count] == c) count++;
            parts.Add(c switch
            {
                'y' or 'Y' => new('y', count, '\0'),
                'd' or 'D' => new('d', count, '\0'),
                'M' or 'H' or 'h' or 'm' or 's' or 't' or 'z' => new(c, count, '\0'),
                'f' or 'F' or 'S' => new('f', count, '\0'),
                'K' or 'X' or 'Z' => new('z', count, '\0'),
                'a' => new('t', count, '\0'),
                'T' => new('\0', 0, 'T'),
                _ when char.IsAsciiLetter(c) || c > 127 => throw new FormatException($"The date format \"{format}\" has \"{c}\", which means nothing in it."),
                _ => new('\0', 0, c),
            });
            i += count;
        }

        return parts;
    }

    private static List<DateFormatPart> ParsePercent(string format)
    {
        var parts = new List<DateFormatPart>();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                parts.Add(new('\0', 0, format[i]));
                continue;
            }

            parts.Add(format[++i] switch
            {
                'Y' => new('y', 4, '\0'),
                'y' => new('y', 2, '\0'),
                'm' => new('M', 2, '\0'),
                'b' or 'B' or 'h' => new('M', 3, '\0'),
                'd' or 'e' => new('d', 2, '\0'),
                'a' or 'A' => new('d', 3, '\0'),
                'H' => new('H', 2, '\0'),
                'I' => new('h', 2, '\0'),
                'M' => new('m', 2, '\0'),
                'S' => new('s', 2, '\0'),
                'f' => new('f', 6, '\0'),
                'p' => new('t', 2, '\0'),
                'z' => new('z', 1, '\0'),
                '%' => new('\0', 0, '%'),
                char other => throw new FormatException($"The date format \"{format}\" has \"%{other}\", which means nothing in it."),
            });
        }

        return parts;
    }
}
