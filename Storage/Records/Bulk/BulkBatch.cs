using System.Collections;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// The rows of a batch in the order of their natural keys, each key once. Sorted keys touch each index page once and keep it in memory; that is
/// most of what bulk loading into an indexed table costs.
/// </summary>
internal sealed class BulkBatch<T> : IReadOnlyList<T>
    where T : Record
{
    private readonly IReadOnlyList<T> _rows;
    private readonly int[] _order;

    private BulkBatch(IReadOnlyList<T> rows, int[] order, int count, int replaced, List<int> duplicates)
    {
        _rows = rows;
        _order = order;
        Count = count;
        Replaced = replaced;
        Duplicates = duplicates;
    }

    public int Count { get; }

    /// <summary>Rows dropped because a later row of the batch has their key and updates it.</summary>
    public int Replaced { get; }

    /// <summary>Indexes of the rows left out because an earlier row of the batch has their key.</summary>
    public IReadOnlyList<int> Duplicates { get; }

    public T this[int position] => _rows[_order[position]];

    public IEnumerator<T> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Where the row at this position stood in the caller's list.</summary>
    public int IndexOf(int position) => _order[position];

    public static BulkBatch<T> Sort(IReadOnlyList<T> rows, BulkPlan<T> plan, ConflictMode mode)
    {
        if (plan.ReadKey is not { } read)
        {
            return AsGiven(rows);
        }

        var keys = new string[rows.Count];
        bool sorted = true;
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = read(rows[i]);
            sorted = sorted && (i == 0 || string.CompareOrdinal(keys[i - 1], keys[i]) < 0);
        }

        if (sorted)
        {
            return AsGiven(rows);
        }

        return OneRowPerKey(rows, KeyOrder.Of(keys), keys, mode);
    }

    private static BulkBatch<T> AsGiven(IReadOnlyList<T> rows) => new(rows, [.. Enumerable.Range(0, rows.Count)], rows.Count, 0, []);

    private static BulkBatch<T> OneRowPerKey(IReadOnlyList<T> rows, int[] order, string[] keys, ConflictMode mode)
    {
        int count = 0;
        int replaced = 0;
        var duplicates = new List<int>();
        foreach (int index in order)
        {
            if (count == 0 || !string.Equals(keys[order[count - 1]], keys[index], StringComparison.Ordinal))
            {
                order[count++] = index;
            }
            else if (mode == ConflictMode.Update)
            {
                order[count - 1] = index;
                replaced++;
            }
            else
            {
                duplicates.Add(index);
            }
        }

        return new BulkBatch<T>(rows, order, count, replaced, duplicates);
    }
}
