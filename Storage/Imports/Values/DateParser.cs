namespace CloudStore.Storage.Imports.Values;

/// <summary>
/// Reads dates the way files write them: ISO 8601, yyyy/mm/dd, yyyymmdd, Unix seconds (10 digits) and milliseconds (13), numeric dates in
/// either order, English month names; each with or without a time of day, AM/PM and an offset. Without an offset the time is UTC. Allocates
/// nothing. Text in UTF-8; results are of kind Utc.
/// </summary>
public static class DateParser
{
    /// <param name="orders">The column's day/month orders. Where one is Unknown, a date that only one order allows is read all the same.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, DateOrders orders, out DateTime value, out DateFault fault)
    {
        fault = Parse(text, orders, out value, out _);
        return fault == DateFault.None;
    }

    /// <summary>Reads one date and says what it shows of its column's order.</summary>
    internal static DateFault Parse(ReadOnlySpan<byte> text, DateOrders orders, out DateTime value, out NumericDate numeric)
    {
        numeric = default;
        DateParts parts = default;
        if (IsIsoDay(text, ref parts))
        {
            if (text.Length == 10) return parts.ToUtc(out value);
            var rest = new DateText(text[10..]);
            DateFault fault = TakeTime(ref rest, ref parts);
            if (fault == DateFault.None) return parts.ToUtc(out value);
        }

        value = default;
        text = NumberText.Trim(text);
        if (text.IsEmpty) return DateFault.Empty;
        parts = default;
        if (!text.ContainsAnyExceptInRange((byte)'0', (byte)'9') && text.Length is 10 or 13) return FromUnix(text, out value);

        var cursor = new DateText(text);
        DateFault day = TakeDay(ref cursor, orders, ref parts, ref numeric);
        if (day is not (DateFault.None or DateFault.NeedsOrder)) return day;
        DateFault time = TakeTime(ref cursor, ref parts);
        if (time != DateFault.None) return time;
        return day != DateFault.None ? day : parts.ToUtc(out value);
    }

    /// <summary>yyyy-MM-dd in the first ten bytes.</summary>
    private static bool IsIsoDay(ReadOnlySpan<byte> text, ref DateParts parts)
    {
        if (text.Length < 10 || text[4] != (byte)'-' || text[7] != (byte)'-') return false;
        uint a = (uint)(text[0] - '0'), b = (uint)(text[1] - '0'), c = (uint)(text[2] - '0'), d = (uint)(text[3] - '0');
        uint m = (uint)(text[5] - '0'), n = (uint)(text[6] - '0'), x = (uint)(text[8] - '0'), y = (uint)(text[9] - '0');
        if (a > 9 || b > 9 || c > 9 || d > 9 || m > 9 || n > 9 || x > 9 || y > 9) return false;
        parts.Year = (int)((a * 1000) + (b * 100) + (c * 10) + d);
        parts.Month = (int)((m * 10) + n);
        parts.Day = (int)((x * 10) + y);
        return true;
    }

    private static DateFault FromUnix(ReadOnlySpan<byte> digits, out DateTime value)
    {
        long number = 0;
        foreach (byte digit in digits) number = (number * 10) + digit - '0';
        // Ten digits of seconds reach the year 2286, thirteen of milliseconds the same: no overflow.
        value = DateTime.UnixEpoch.AddTicks(number * (digits.Length == 10 ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond));
        return DateFault.None;
    }

    private static DateFault TakeDay(ref DateText text, DateOrders orders, ref DateParts parts, ref NumericDate numeric)
    {
        if (text.AtLetter && text.TakeWeekday())
        {
            text.Take((byte)',');
            text.TakeSpaces();
        }

        if (text.AtLetter) return TakeMonthNameFirst(ref text, ref parts);
        int digits = text.TakeNumber(8, out int first);
        if (digits == 8)
        {
            (parts.Year, parts.Month, parts.Day) = (first / 10000, first / 100 % 100, first % 100);
            return DateFault.None;
        }

        if (digits is not (1 or 2 or 4)) return DateFault.NotADate;
        byte separator = TakeSeparator(ref text);
        if (separator == 0) return DateFault.NotADate;
        if (text.AtLetter) return digits == 4 ? DateFault.NotADate : TakeMonthNameSecond(ref text, first, separator, ref parts);
        if (separator is (byte)' ' or (byte)',' || text.TakeNumber(2, out int second) == 0 || !text.Take(separator)) return DateFault.NotADate;
        int lastDigits = text.TakeNumber(4, out int last);
        if (digits == 4)
        {
            if (lastDigits is not (1 or 2)) return DateFault.NotADate;
            (parts.Year, parts.Month, parts.Day) = (first, second, last);
            return DateFault.None;
        }

        if (lastDigits is not (2 or 4)) return DateFault.NotADate;
        parts.Year = DateParts.FullYear(lastDigits, last);
        numeric = new NumericDate(first, second, (char)separator);
        return numeric.Decide(orders.For((char)separator), ref parts);
    }

    /// <summary>Aug 31, 2023; August 31 2023; Aug-31-2023.</summary>
    private static DateFault TakeMonthNameFirst(ref DateText text, ref DateParts parts)
    {
        parts.Month = text.TakeMonth();
        if (parts.Month == 0 || TakeSeparator(ref text) == 0) return DateFault.NotADate;
        int dayDigits = text.TakeNumber(2, out parts.Day);
        if (dayDigits == 0 || TakeSeparator(ref text) == 0) return DateFault.NotADate;
        int digits = text.TakeNumber(4, out int year);
        parts.Year = DateParts.FullYear(digits, year);
        return digits is 2 or 4 ? DateFault.None : DateFault.NotADate;
    }

    /// <summary>31 Aug 2023; 31-Aug-23; 31 August, 2023. The day is taken already.</summary>
    private static DateFault TakeMonthNameSecond(ref DateText text, int day, byte separator, ref DateParts parts)
    {
        parts.Day = day;
        parts.Month = text.TakeMonth();
        byte second = TakeSeparator(ref text);
        if (parts.Month == 0 || second == 0 || (second != separator && separator != (byte)' ')) return DateFault.NotADate;
        int digits = text.TakeNumber(4, out int year);
        parts.Year = DateParts.FullYear(digits, year);
        return digits is 2 or 4 ? DateFault.None : DateFault.NotADate;
    }

    /// <summary>A slash, dash or dot, or spaces with or without a comma before them.</summary>
    private static byte TakeSeparator(ref DateText text)
    {
        byte next = text.Next;
        if (next is (byte)'/' or (byte)'-' or (byte)'.' or (byte)',')
        {
            text.Take(next);
            if (next == (byte)',') text.TakeSpaces();
            return next;
        }

        return text.TakeSpaces() ? (byte)' ' : (byte)0;
    }

    /// <summary>The time of day up to the end of the text; nothing at all is midnight.</summary>
    internal static DateFault TakeTime(ref DateText text, ref DateParts parts)
    {
        if (text.AtEnd) return DateFault.None;
        if (!text.Take((byte)'T') && !text.Take((byte)'t'))
        {
            text.Take((byte)',');
            if (!text.TakeSpaces()) return DateFault.NotADate;
        }

        int hourDigits = text.TakeNumber(2, out parts.Hour);
        if (hourDigits == 0) return DateFault.NotADate;
        bool minutes = text.Take((byte)':');
        if (minutes && text.TakeNumber(2, out parts.Minute) != 2) return DateFault.NotADate;
        if (minutes && text.Take((byte)':'))
        {
            if (text.TakeNumber(2, out parts.Second) != 2) return DateFault.NotADate;
            if (text.Take((byte)'.') || text.Take((byte)',')) parts.TakeFraction(ref text);
        }

        text.TakeSpaces();
        int half = text.TakeHalfDay();
        if (!minutes && half == 0) return DateFault.NotADate;
        if (!parts.ApplyHalfDay(half)) return DateFault.NoSuchDate;
        text.TakeSpaces();
        if (text.TakeOffset(out parts.Offset, out bool valid) && !valid) return DateFault.NotADate;
        return text.AtEnd ? DateFault.None : DateFault.NotADate;
    }
}
