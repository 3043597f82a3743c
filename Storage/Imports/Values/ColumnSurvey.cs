using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Imports.Values;

/// <summary>
/// Reads a file once, to its end, and decides for columns what no single value can tell: which mark parts a number's fraction, and whether a
/// numeric date (per separator) has the day or the month first. Where the file does not show it, or contradicts itself, the decision
/// stays Unknown and says why. Bad rows are passed over.
/// </summary>
public static class ColumnSurvey
{
    /// <param name="reader">A reader at the beginning of the file. The caller disposes it.</param>
    /// <param name="columns">Names as in <see cref="RowReader.Columns"/>. One that the file does not have gets an empty decision.</param>
    /// <exception cref="UnreadableFileException">The file cannot be read to its end.</exception>
    public static async Task<SurveyResult> RunAsync(RowReader reader, IReadOnlyCollection<string> columns, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(columns);
        bool dotMayGroup = reader.Delimiter == ';';
        string[] names = [.. columns.Distinct(StringComparer.Ordinal)];
        var numbers = Array.ConvertAll(names, name => new NumberEvidence(name, dotMayGroup));
        var dates = Array.ConvertAll(names, name => new DateEvidence(name));
        int[] indexes = new int[names.Length];
        int known = -1;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.Fault is not null) continue;
            if (known != reader.Columns.Count)
            {
                known = reader.Columns.Count;
                for (int i = 0; i < names.Length; i++) indexes[i] = IndexOf(reader.Columns, names[i]);
            }

            for (int i = 0; i < names.Length; i++)
            {
                // A JSON number has one way to be written.
                if (indexes[i] < 0 || reader.KindOf(indexes[i]) != FieldKind.Text) continue;
                ReadOnlySpan<byte> text = reader.Field(indexes[i]);
                numbers[i].Add(text);
                dates[i].Add(text);
            }
        }

        return Decide(names, numbers, dates);
    }

    private static SurveyResult Decide(string[] names, NumberEvidence[] numbers, DateEvidence[] dates)
    {
        // One program wrote all columns: what the others show counts where a column shows nothing itself.
        DecimalMark[] shown = [.. numbers.Select(n => n.Shown).Where(m => m != DecimalMark.Unknown).Distinct()];
        DecimalMark common = shown.Length == 1 ? shown[0] : DecimalMark.Unknown;
        var decisions = new Dictionary<string, ColumnDecision>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            DecimalMark mark = numbers[i].Decide(common, out string? markReason);
            DateOrders orders = dates[i].Decide(out string? slash, out string? dash, out string? dot);
            decisions[names[i]] = new ColumnDecision
            {
                Mark = mark,
                MarkUndecided = markReason,
                Orders = orders,
                SlashUndecided = slash,
                DashUndecided = dash,
                DotUndecided = dot,
            };
        }

        return new SurveyResult(decisions);
    }

    private static int IndexOf(IReadOnlyList<string> columns, string name)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (columns[i] == name) return i;
        }

        return -1;
    }
}
