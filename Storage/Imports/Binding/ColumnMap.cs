using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>
/// Which field each column of a file fills: first what <c>map</c> says, then the field's own name, then its aliases in their order. A column fills one field at
/// most, a field is filled by one column. Columns can be added later, as JSON files show them.
/// </summary>
internal sealed class ColumnMap
{
    private readonly ImportPlan _plan;
    private readonly List<int> _fieldOf = [];

    public ColumnMap(ImportPlan plan, IReadOnlyList<string> columns)
    {
        _plan = plan;
        Bind(columns);
    }

    public int Count => _fieldOf.Count;

    /// <summary>Index of the field a column fills, -1 for none, -2 for a column that is left out.</summary>
    public int FieldOf(int column) => _fieldOf[column];

    public int ColumnOf(ImportField field) => _fieldOf.IndexOf(_plan.Target.Fields.IndexOf(field));

    /// <summary>Takes the columns in anew; those bound before keep their field.</summary>
    public void Bind(IReadOnlyList<string> columns)
    {
        // A rejects file, mended, comes back with the four columns that were put in front of its rows.
        bool mended = columns.Count > 4 && columns.Take(4).SequenceEqual(Jobs.RejectsWriter.OwnColumns);
        for (int i = _fieldOf.Count; i < columns.Count; i++)
        {
            _fieldOf.Add(mended && i < 4 ? -2 : -1);
        }

        var names = columns.Select(ColumnNames.Normalize).ToArray();
        var fields = _plan.Target.Fields;
        foreach (var (field, column) in _plan.Options.Map)
        {
            Take(fields.IndexOf(_plan.Target.FindField(field)!), Array.IndexOf(names, ColumnNames.Normalize(column)));
        }

        var mapped = _plan.Options.Map.Keys.Concat(_plan.Options.Set.Keys).Select(_plan.Target.FindField).ToHashSet();
        for (int f = 0; f < fields.Count; f++)
        {
            if (mapped.Contains(fields[f]))
            {
                continue;
            }

            var aliases = fields[f].Aliases.Prepend(ColumnNames.Normalize(fields[f].Name)).Concat(fields[f].DateAliases.Where(_plan.DateColumns.Contains));
            foreach (var name in aliases)
            {
                if (Take(f, FreeColumn(names, name)))
                {
                    break;
                }
            }
        }
    }

    private int FreeColumn(string[] names, string name)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (_fieldOf[i] == -1 && names[i] == name)
            {
                return i;
            }
        }

        return -1;
    }

    private bool Take(int field, int column)
    {
        if (column < 0 || _fieldOf.Contains(field))
        {
            return _fieldOf.Contains(field);
        }

        _fieldOf[column] = field;
        return true;
    }
}

internal static class ReadOnlyListSearch
{
    public static int IndexOf<T>(this IReadOnlyList<T> list, T item)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (EqualityComparer<T>.Default.Equals(list[i], item))
            {
                return i;
            }
        }

        return -1;
    }
}
