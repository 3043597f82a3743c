using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Imports.Values;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>Finds the columns whose values are dates, among a file's first rows.</summary>
internal static class DateColumnSample
{
    private const int Rows = 50;

    /// <returns>The normalized names of the columns that have values, all of them dates.</returns>
    public static async Task<IReadOnlySet<string>> FindAsync(RowReader reader, CancellationToken cancellationToken)
    {
        var dates = new HashSet<string>();
        var others = new HashSet<string>();
        for (int row = 0; row < Rows && await ReadAsync(reader, cancellationToken); row++)
        {
            for (int i = 0; reader.Fault is null && i < Math.Min(reader.FieldCount, reader.Columns.Count); i++)
            {
                if (reader.KindOf(i) is FieldKind.Null || ValueReader.IsMissing(reader.Field(i)))
                {
                    continue;
                }

                bool isDate = DateParser.TryParse(reader.Field(i), default, out _, out var fault) || fault == DateFault.NeedsOrder;
                (isDate ? dates : others).Add(ColumnNames.Normalize(reader.Columns[i]));
            }
        }

        dates.ExceptWith(others);
        return dates;
    }

    // Where a file breaks, the rows in front of the break are the sample; to report it is for who loads them.
    private static async ValueTask<bool> ReadAsync(RowReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (UnreadableFileException)
        {
            return false;
        }
    }
}
