using CloudStore.Storage.Series.Parquet.Encodings;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Puts a chunk's values where the column will have them.</summary>
/// <param name="values">Of the whole column.</param>
/// <param name="start">Where the chunk's begin.</param>
internal sealed class ValueTarget<T>(ValueDecoder<T> decoder, T[] values, int start, int rows) : ChunkTarget(rows)
    where T : unmanaged
{
    private T[]? _dictionary;

    public override void Dictionary(ReadOnlySpan<byte> data, int count)
    {
        _dictionary = new T[count];
        decoder.Decode(ParquetEncoding.Plain, data, _dictionary);
    }

    protected override void Values(PageValues page, int skip, int take)
    {
        var target = values.AsSpan(start + Filled, take);
        if (take == page.Count)
        {
            Fill(page, target);
            return;
        }

        using var all = new Pooled<T>(page.Count);
        Fill(page, all.Span);
        all.Span.Slice(skip, take).CopyTo(target);
    }

    private void Fill(PageValues page, Span<T> target)
    {
        var there = target[..page.Valid];
        if (page.Valid > 0 && page.IsIndexed)
        {
            var dictionary = _dictionary ?? throw NoDictionary();
            Indices(page).Read(there, dictionary);
        }
        else if (page.Valid > 0)
        {
            decoder.Decode(page.Encoding, page.Data, there);
        }

        if (page.Bits is not null)
        {
            Spread(target, page.Bits, page.Valid);
        }
    }
}
