namespace CloudStore.Storage.Series.Columns;

/// <summary>The fields of a batch in their order. Names are unique and told apart by case. Equal where all fields are.</summary>
public sealed class ColumnSchema : IEquatable<ColumnSchema>
{
    private readonly ColumnField[] _fields;
    private readonly Dictionary<string, int> _byName;

    /// <exception cref="ArgumentException">Two fields have one name.</exception>
    public ColumnSchema(params IEnumerable<ColumnField> fields)
    {
        _fields = [.. fields];
        _byName = new Dictionary<string, int>(_fields.Length, StringComparer.Ordinal);
        for (int i = 0; i < _fields.Length; i++)
        {
            if (!_byName.TryAdd(_fields[i].Name, i))
            {
                throw new ArgumentException($"Two columns are called '{_fields[i].Name}'.", nameof(fields));
            }
        }
    }

    public IReadOnlyList<ColumnField> Fields => _fields;

    public int Count => _fields.Length;

    public ColumnField this[int index] => _fields[index];

    /// <returns>The field's position; -1 where there is none of that name.</returns>
    public int IndexOf(string name) => _byName.GetValueOrDefault(name, -1);

    /// <summary>The schema of some of its columns, in the order of <paramref name="names"/>.</summary>
    /// <exception cref="ArgumentException">A column is not there.</exception>
    public ColumnSchema Select(IEnumerable<string> names) => new(names.Select(n => _fields[Require(n)]));

    /// <exception cref="ArgumentException">There is no such column.</exception>
    public int Require(string name) => IndexOf(name) is >= 0 and var index ? index : throw new ArgumentException($"There is no column '{name}'; there are {string.Join(", ", _fields.Select(f => f.Name))}.", nameof(name));

    public bool Equals(ColumnSchema? other) => other is not null && _fields.AsSpan().SequenceEqual(other._fields);

    public override bool Equals(object? obj) => Equals(obj as ColumnSchema);

    public override int GetHashCode() => _fields.Aggregate(_fields.Length, HashCode.Combine);

    public override string ToString() => string.Join(", ", (IEnumerable<ColumnField>)_fields);
}
