using System.Globalization;
using System.Text;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>The numbers that a log still waits for, as the database keeps them: ranges in ascending order, <c>5,9-12</c>.</summary>
internal static class AuditGaps
{
    public static string Write(IEnumerable<long> ascending)
    {
        var text = new StringBuilder();
        long? first = null;
        long last = 0;
        foreach (long gap in ascending)
        {
            if (first is not null && gap == last + 1)
            {
                last = gap;
                continue;
            }

            Add(text, first, last);
            first = last = gap;
        }

        Add(text, first, last);
        return text.ToString();
    }

    /// <exception cref="FormatException">It is not what <see cref="Write"/> gives.</exception>
    public static List<(long First, long Last)> Parse(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(range => range.Split('-').Select(n => long.Parse(n, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray())
            .Select(ends => (ends[0], ends[^1]))];

    public static bool Contains(List<(long First, long Last)> ranges, long number)
    {
        int at = ranges.BinarySearch((number, long.MaxValue));
        int before = at >= 0 ? at : ~at - 1;
        return before >= 0 && number <= ranges[before].Last;
    }

    private static void Add(StringBuilder text, long? first, long last)
    {
        if (first is { } from)
        {
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{from}{(last > from ? string.Create(CultureInfo.InvariantCulture, $"-{last}") : "")}");
        }
    }
}
