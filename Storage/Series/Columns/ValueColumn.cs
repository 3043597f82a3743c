namespace CloudStore.Storage.Series.Columns;

/// <summary>A column of values of one size. What is missing has the value 0 in it.</summary>
/// <typeparam name="T">The type's <see cref="ColumnType.ClrType"/>.</typeparam>
public sealed class ValueColumn<T> : Column
    where T : unmanaged
{
    /// <param name="values">Not copied: it must not change any more.</param>
    /// <exception cref="ArgumentException">Values of the type are not held as <typeparamref name="T"/>, or there are more or fewer bits than values.</exception>
    public ValueColumn(ColumnType type, ReadOnlyMemory<T> values, Validity validity)
        : base(type, values.Length, validity)
    {
        if (type.ClrType != typeof(T))
        {
            throw new ArgumentException($"Values of type {type} are held as {type.ClrType.Name}, not {typeof(T).Name}.", nameof(type));
        }

        Memory = values;
    }

    public ValueColumn(ColumnType type, ReadOnlyMemory<T> values)
        : this(type, values, Validity.All(values.Length))
    {
    }

    public ReadOnlyMemory<T> Memory { get; }

    public ReadOnlySpan<T> Values => Memory.Span;

    public override ValueColumn<T> Slice(int start, int length)
    {
        RequirePart(start, length);
        return start == 0 && length == Length ? this : new(Type, Memory.Slice(start, length), Validity.Slice(start, length));
    }

    public override object? ValueAt(int index) => IsNull(index) ? null : Memory.Span[index];
}
