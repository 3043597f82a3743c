using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Takes a chunk's pages and makes its part of a column of them. For one thread at a time.</summary>
internal abstract class ChunkTarget(int rows)
{
    private ulong[]? _words;

    /// <summary>How many values it takes in all.</summary>
    public int Rows { get; } = rows;

    /// <summary>How many it has.</summary>
    public int Filled { get; private set; }

    /// <summary>Which of its values are there.</summary>
    public Validity Validity => new(_words, 0, Rows);

    /// <param name="data">The values of a dictionary page, which are always plain.</param>
    public abstract void Dictionary(ReadOnlySpan<byte> data, int count);

    /// <summary>Takes <paramref name="take"/> values of a page from <paramref name="skip"/> on.</summary>
    public void Add(PageValues page, int skip, int take)
    {
        if (take > Rows - Filled)
        {
            throw new ParquetException($"the chunk has more than the {Rows} values that the footer counts");
        }

        Values(page, skip, take);
        if (page.Bits is not null)
        {
            if (_words is null)
            {
                _words = Validity.Words(Rows);
                HybridReader.Fill(_words, 0, Filled);
            }

            new Validity(page.Bits, skip, take).CopyTo(_words, Filled);
        }
        else if (_words is not null)
        {
            HybridReader.Fill(_words, Filled, take);
        }

        Filled += take;
    }

    protected abstract void Values(PageValues page, int skip, int take);

    /// <summary>Reads a page's indices: how many bits each has, then the hybrid.</summary>
    protected static HybridReader Indices(PageValues page) =>
        page.Data.IsEmpty ? throw new ParquetException("the page has no indices into the dictionary") : new HybridReader(page.Data[1..], page.Data[0]);

    protected static ParquetException NoDictionary() => new("the page's values are in a dictionary, and the chunk has none before it");

    /// <summary>Moves the values that are there, which stand at the beginning, each to its place. The others become 0.</summary>
    protected static void Spread<T>(Span<T> values, ulong[] bits, int valid)
        where T : unmanaged
    {
        for (int to = values.Length - 1, from = valid - 1; to >= 0 && from < to; to--)
        {
            values[to] = (bits[to >> 6] >> (to & 63) & 1) != 0 ? values[from--] : default;
        }
    }
}
