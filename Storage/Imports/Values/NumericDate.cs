namespace CloudStore.Storage.Imports.Values;

/// <summary>The first two numbers of a date such as 13/11/2024, of which one is the day and one the month.</summary>
internal readonly record struct NumericDate(int First, int Second, char Separator)
{
    /// <summary>The date was written this way.</summary>
    public bool IsThere => Separator != 0;

    /// <summary>The order that this date alone shows: one of its numbers is no month.</summary>
    public DateOrder Shown =>
        First > 12 && Second <= 12 ? DateOrder.DayFirst : Second > 12 && First <= 12 ? DateOrder.MonthFirst : DateOrder.Unknown;

    /// <summary>The same day in both orders.</summary>
    public bool IsSameBothWays => First == Second;

    public DateFault Decide(DateOrder order, ref DateParts parts)
    {
        if (order == DateOrder.Unknown) order = IsSameBothWays ? DateOrder.DayFirst : Shown;
        (parts.Day, parts.Month) = order == DateOrder.MonthFirst ? (Second, First) : (First, Second);
        if (order != DateOrder.Unknown) return DateFault.None;
        // Both over 12 is no date in any order.
        return First > 12 || First == 0 || Second == 0 ? DateFault.NoSuchDate : DateFault.NeedsOrder;
    }
}
