using System.Buffers;
using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>The values of some columns that are there, one after the other: a column's own memory where it can be, else an array of the pool.</summary>
internal sealed class DenseValues<T> : IDisposable
    where T : unmanaged
{
    private readonly T[]? _rented;
    private readonly ReadOnlyMemory<T> _values;

    private DenseValues(ReadOnlyMemory<T> values, T[]? rented) => (_values, _rented) = (values, rented);

    public ReadOnlySpan<T> Span => _values.Span;

    public static DenseValues<T> Of(IReadOnlyList<Column> parts)
    {
        if (parts.Count == 1 && parts[0].NullCount == 0)
        {
            return new(((ValueColumn<T>)parts[0]).Memory, null);
        }

        return Of<T>(parts, v => v, isIdentity: true);
    }

    /// <param name="convert">Makes what is stored of what is held.</param>
    /// <param name="isIdentity">It does nothing, and can be left out.</param>
    public static DenseValues<T> Of<TFrom>(IReadOnlyList<Column> parts, Func<TFrom, T> convert, bool isIdentity = false)
        where TFrom : unmanaged
    {
        var values = ArrayPool<T>.Shared.Rent(Math.Max(1, parts.Sum(p => p.Length - p.NullCount)));
        int at = 0;
        foreach (var part in parts)
        {
            var from = ((ValueColumn<TFrom>)part).Values;
            if (isIdentity && part is ValueColumn<T> same && part.NullCount == 0)
            {
                same.Values.CopyTo(values.AsSpan(at));
                at += from.Length;
                continue;
            }

            for (int i = 0; i < from.Length; i++)
            {
                if (part.Validity[i])
                {
                    values[at++] = convert(from[i]);
                }
            }
        }

        return new(values.AsMemory(0, at), values);
    }

    /// <summary>Which rows of the columns together are there.</summary>
    public static Validity Rows(IReadOnlyList<Column> parts, int rows)
    {
        if (parts.All(p => p.NullCount == 0))
        {
            return Validity.All(rows);
        }

        if (parts.Count == 1)
        {
            return parts[0].Validity;
        }

        var words = Validity.Words(rows);
        int at = 0;
        foreach (var part in parts)
        {
            part.Validity.CopyTo(words, at);
            at += part.Length;
        }

        return new Validity(words, 0, rows);
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<T>.Shared.Return(_rented);
        }
    }
}
