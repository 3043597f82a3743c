namespace CloudStore.Storage.Imports.Values;

/// <summary>Which of a numeric date's first two numbers is the day.</summary>
public enum DateOrder
{
    /// <summary>Not known: a date that both orders allow is not read.</summary>
    Unknown,

    /// <summary>31/12/2024</summary>
    DayFirst,

    /// <summary>12/31/2024</summary>
    MonthFirst,
}

/// <summary>The order of a column's numeric dates, by the separator they are written with: a column can mix m/d/yyyy with dd-mm-yyyy.</summary>
public readonly record struct DateOrders(DateOrder Slash, DateOrder Dash, DateOrder Dot)
{
    /// <summary>The order for <c>/</c>, <c>-</c> or <c>.</c>.</summary>
    public DateOrder For(char separator) => separator switch
    {
        '/' => Slash,
        '-' => Dash,
        _ => Dot,
    };
}

/// <summary>Why a text was not taken as a date.</summary>
public enum DateFault
{
    None,

    /// <summary>Nothing but white space.</summary>
    Empty,

    /// <summary>No known way to write a date, or not the format asked for.</summary>
    NotADate,

    /// <summary>Written as a date, but the calendar or the clock has no such day or time: 31.02., month 13, 25:00.</summary>
    NoSuchDate,

    /// <summary>Could be day-first or month-first, and the column's order is not known.</summary>
    NeedsOrder,
}

/// <summary>The faults in words.</summary>
public static class DateFaults
{
    public static string Reason(DateFault fault) => fault switch
    {
        DateFault.Empty => "is empty where a date is expected",
        DateFault.NoSuchDate => "is a day or a time that does not exist",
        DateFault.NeedsOrder => "could be read day-first or month-first; pass dateFormat=, for instance dd/MM/yyyy or MM/dd/yyyy",
        DateFault.NotADate => "is not a date",
        _ => "is a date",
    };
}
