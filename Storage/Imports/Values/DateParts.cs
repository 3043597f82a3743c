namespace CloudStore.Storage.Imports.Values;

/// <summary>A calendar date and time of day on their way to an instant.</summary>
internal struct DateParts
{
    public int Year;
    public int Month;
    public int Day;
    public int Hour;
    public int Minute;
    public int Second;
    public int Ticks;
    public TimeSpan Offset;

    /// <summary>Two-digit years as POSIX has them: 69 to 99 are 19xx, 00 to 68 are 20xx.</summary>
    public static int FullYear(int digits, int year) => digits > 2 ? year : year >= 69 ? 1900 + year : 2000 + year;

    /// <summary>The instant, in UTC; <see cref="DateFault.NoSuchDate"/> where the calendar or the clock has none.</summary>
    public readonly DateFault ToUtc(out DateTime value)
    {
        value = default;
        if (Year is < 1 or > 9999 || Month is < 1 or > 12 || Day < 1 || Day > DateTime.DaysInMonth(Year, Month)) return DateFault.NoSuchDate;
        if (Hour > 23 || Minute > 59 || Second > 59) return DateFault.NoSuchDate;
        long ticks = new DateTime(Year, Month, Day, Hour, Minute, Second, DateTimeKind.Utc).Ticks + Ticks - Offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return DateFault.NoSuchDate;
        value = new DateTime(ticks, DateTimeKind.Utc);
        return DateFault.None;
    }

    /// <summary>Applies AM (1) or PM (2). False where a 12-hour clock has no such hour.</summary>
    public bool ApplyHalfDay(int half)
    {
        if (half == 0) return true;
        if (Hour is < 1 or > 12) return false;
        Hour = (Hour % 12) + (half == 2 ? 12 : 0);
        return true;
    }

    /// <summary>Takes the digits of a second's fraction; what is finer than 100 ns is cut off.</summary>
    public void TakeFraction(ref DateText text)
    {
        int digits = text.TakeNumber(7, out Ticks);
        for (; digits < 7; digits++) Ticks *= 10;
        while (text.TakeNumber(9, out _) > 0)
        {
        }
    }
}
