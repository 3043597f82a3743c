namespace CloudStore.Storage.Series.Columns;

/// <summary>Values of one type, some of which may be missing. It does not change; parts of it (<see cref="Slice"/>) share its memory. Safe for any number of threads.</summary>
public abstract class Column
{
    private int _nulls = -1;

    private protected Column(ColumnType type, int length, Validity validity)
    {
        if (validity.Length != length)
        {
            throw new ArgumentException($"{validity.Length} bits of validity for {length} values.", nameof(validity));
        }

        (Type, Length, Validity) = (type, length, validity);
    }

    public ColumnType Type { get; }

    public int Length { get; }

    public Validity Validity { get; }

    public int NullCount => _nulls >= 0 ? _nulls : _nulls = Validity.CountNulls();

    public bool IsNull(int index) => !Validity[index];

    /// <exception cref="ArgumentOutOfRangeException">The part is not inside.</exception>
    public abstract Column Slice(int start, int length);

    /// <summary>One value as an object of the type's <see cref="ColumnType.ClrType"/>, null where it is missing: for a few values, never for all.</summary>
    public abstract object? ValueAt(int index);

    private protected void RequirePart(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + length, Length);
    }
}
