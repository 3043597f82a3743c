using System.Text;

namespace CloudStore.Storage.Imports.Values;

/// <summary>What a column's values show of the order of its numeric dates, for each separator.</summary>
internal sealed class DateEvidence(string column)
{
    private readonly Separator _slash = new();
    private readonly Separator _dash = new();
    private readonly Separator _dot = new();

    public void Add(ReadOnlySpan<byte> text)
    {
        DateFault fault = DateParser.Parse(text, default, out _, out NumericDate numeric);
        if (!numeric.IsThere || fault is not (DateFault.None or DateFault.NeedsOrder)) return;
        Separator separator = numeric.Separator switch
        {
            '/' => _slash,
            '-' => _dash,
            _ => _dot,
        };
        if (numeric.Shown == DateOrder.DayFirst) separator.DayFirst ??= Encoding.UTF8.GetString(text);
        else if (numeric.Shown == DateOrder.MonthFirst) separator.MonthFirst ??= Encoding.UTF8.GetString(text);
        else if (fault == DateFault.NeedsOrder) separator.Either ??= Encoding.UTF8.GetString(text);
    }

    public DateOrders Decide(out string? slash, out string? dash, out string? dot) =>
        new(Decide(_slash, '/', out slash), Decide(_dash, '-', out dash), Decide(_dot, '.', out dot));

    private DateOrder Decide(Separator seen, char separator, out string? reason)
    {
        reason = null;
        string formats = $"pass dateFormat=dd{separator}MM{separator}yyyy or MM{separator}dd{separator}yyyy";
        if (seen.DayFirst is not null && seen.MonthFirst is not null)
            reason = $"both {seen.DayFirst} and {seen.MonthFirst} occur in column {column}, so neither day-first nor month-first holds for all; {formats}";
        else if (seen.DayFirst is not null) return DateOrder.DayFirst;
        else if (seen.MonthFirst is not null) return DateOrder.MonthFirst;
        else if (seen.Either is not null)
            reason = $"every date of column {column} with '{separator}', such as {seen.Either}, could be read day-first or month-first; {formats}";
        return DateOrder.Unknown;
    }

    private sealed class Separator
    {
        public string? DayFirst;
        public string? MonthFirst;
        public string? Either;
    }
}
