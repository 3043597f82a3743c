namespace CloudStore.Storage.Series.Columns;

/// <summary>Columns of one length under one schema. It does not change; parts share its memory.</summary>
public sealed class ColumnBatch
{
    private readonly Column[] _columns;

    /// <exception cref="ArgumentException">A column is not of its field's type, has another length, or misses values that the schema does not let it miss.</exception>
    public ColumnBatch(ColumnSchema schema, params IEnumerable<Column> columns)
    {
        _columns = [.. columns];
        if (_columns.Length != schema.Count)
        {
            throw new ArgumentException($"{_columns.Length} columns for a schema of {schema.Count}.", nameof(columns));
        }

        (Schema, RowCount) = (schema, _columns.Length == 0 ? 0 : _columns[0].Length);
        for (int i = 0; i < _columns.Length; i++)
        {
            Check(schema[i], _columns[i]);
        }
    }

    private ColumnBatch(ColumnSchema schema, int rows, Column[] columns) => (Schema, RowCount, _columns) = (schema, rows, columns);

    public ColumnSchema Schema { get; }

    public int RowCount { get; }

    public IReadOnlyList<Column> Columns => _columns;

    /// <exception cref="ArgumentException">There is no such column.</exception>
    public Column this[string name] => _columns[Schema.Require(name)];

    /// <summary>The values of a column of one type; those that are missing are 0 (see <see cref="Column.Validity"/>).</summary>
    /// <exception cref="ArgumentException">There is no such column, or its values are not held as <typeparamref name="T"/>.</exception>
    public ReadOnlySpan<T> Values<T>(string name)
        where T : unmanaged =>
        this[name] is ValueColumn<T> column ? column.Values : throw new ArgumentException($"Column '{name}' is of type {this[name].Type}, which is not held as {typeof(T).Name}.", nameof(name));

    /// <exception cref="ArgumentException">There is no such column, or it is not text.</exception>
    public TextColumn Text(string name) => this[name] as TextColumn ?? throw new ArgumentException($"Column '{name}' is of type {this[name].Type}, not text.", nameof(name));

    public ColumnBatch Slice(int start, int length) =>
        start == 0 && length == RowCount ? this : new(Schema, length, Array.ConvertAll(_columns, c => c.Slice(start, length)));

    /// <summary>Some of its columns, in the order of <paramref name="names"/>.</summary>
    /// <exception cref="ArgumentException">A column is not there.</exception>
    public ColumnBatch Select(params IReadOnlyCollection<string> names) => new(Schema.Select(names), RowCount, [.. names.Select(n => this[n])]);

    /// <summary>The rows of several batches of one schema one after the other, copied. A text column keeps a dictionary where all its parts have one.</summary>
    /// <exception cref="ArgumentException">There is no batch, or their schemas differ.</exception>
    public static ColumnBatch Concat(params IReadOnlyList<ColumnBatch> batches)
    {
        if (batches.Count == 0 || batches.Any(b => !b.Schema.Equals(batches[0].Schema)))
        {
            throw new ArgumentException("Batches that are put together have one schema.", nameof(batches));
        }

        if (batches.Count == 1)
        {
            return batches[0];
        }

        int rows = checked(batches.Sum(b => b.RowCount));
        var columns = new Column[batches[0].Columns.Count];
        for (int c = 0; c < columns.Length; c++)
        {
            columns[c] = ColumnConcat.Concat([.. batches.Select(b => b._columns[c])], rows);
        }

        return new(batches[0].Schema, rows, columns);
    }

    private void Check(ColumnField field, Column column)
    {
        if (column.Type != field.Type)
        {
            throw new ArgumentException($"Column '{field.Name}' is {column.Type}, the schema says {field.Type}.");
        }

        if (column.Length != RowCount)
        {
            throw new ArgumentException($"Column '{field.Name}' has {column.Length} values, the first column {RowCount}.");
        }

        if (!field.IsNullable && column.NullCount > 0)
        {
            throw new ArgumentException($"Column '{field.Name}' misses {column.NullCount} values, and the schema lets it miss none.");
        }
    }
}
