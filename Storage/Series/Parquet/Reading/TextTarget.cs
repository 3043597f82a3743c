using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Makes a text column of a chunk: with the chunk's dictionary where all pages use it, else of the values' bytes.</summary>
/// <param name="width">Bytes of a value where all have as many, else 0.</param>
internal sealed class TextTarget(ColumnType type, int width, int rows, MemoryBudget budget) : ChunkTarget(rows)
{
    private TextColumn? _dictionary;
    private int[]? _indices;
    private int[]? _offsets;
    private byte[] _bytes = [];

    public TextColumn Column => _offsets is not null ? new(type, _offsets, _bytes.AsMemory(0, _offsets[Rows]), Validity)
        : _indices is not null ? new(_indices, _dictionary!, Validity)
        : new(type, new int[Rows + 1], default, Validity);

    public override void Dictionary(ReadOnlySpan<byte> data, int count)
    {
        using var page = BytesPage.Read(ParquetEncoding.Plain, data, count, width, budget);
        var offsets = new int[count + 1];
        var bytes = new byte[page.Total];
        for (int i = 0; i < count; i++)
        {
            page[i].CopyTo(bytes.AsSpan(offsets[i]));
            offsets[i + 1] = offsets[i] + page[i].Length;
        }

        _dictionary = new(type, offsets, bytes, Validity.All(count));
    }

    protected override void Values(PageValues page, int skip, int take)
    {
        if (page.Valid > 0 && !page.IsIndexed)
        {
            AddBytes(page, skip, take);
        }
        else if (_offsets is not null)
        {
            Copy(page, skip, take);
        }
        else if (page.Valid > 0)
        {
            AddIndices(page, skip, take);
        }
        else
        {
            // Nothing is there: index 0 of a dictionary that must not be empty then.
            _indices ??= new int[Rows];
            _dictionary ??= Empty(type);
        }
    }

    private void AddIndices(PageValues page, int skip, int take)
    {
        if (_dictionary is null || _dictionary.Length == 0)
        {
            throw NoDictionary();
        }

        _indices ??= new int[Rows];
        if (take == page.Count)
        {
            ReadIndices(page, _indices.AsSpan(Filled, take));
            return;
        }

        using var all = new Pooled<int>(page.Count);
        ReadIndices(page, all.Span);
        all.Span.Slice(skip, take).CopyTo(_indices.AsSpan(Filled));
    }

    private void ReadIndices(PageValues page, Span<int> target)
    {
        Indices(page).Read(target[..page.Valid], _dictionary!.Length);
        if (page.Bits is not null)
        {
            Spread(target, page.Bits, page.Valid);
        }
    }

    // The chunk's dictionary grew too large for its writer: from here on the values themselves are stored.
    private void AddBytes(PageValues page, int skip, int take)
    {
        LeaveDictionary();
        using var values = BytesPage.Read(page.Encoding, page.Data, page.Valid, width, budget);
        Reserve(values.Total);
        int from = 0;
        for (int i = 0; i < skip + take; i++)
        {
            var value = page.Bits is null || (page.Bits[i >> 6] >> (i & 63) & 1) != 0 ? values[from++] : default;
            if (i >= skip)
            {
                Append(Filled + i - skip, value);
            }
        }
    }

    private void Copy(PageValues page, int skip, int take)
    {
        using var all = new Pooled<int>(page.Count);
        all.Span.Fill(-1);
        if (page.Valid > 0)
        {
            ReadIndices(page, all.Span);
        }

        long bytes = 0;
        for (int i = skip; i < skip + take; i++)
        {
            bytes += Value(page, all.Span, i).Length;
        }

        Reserve(bytes);
        for (int i = skip; i < skip + take; i++)
        {
            Append(Filled + i - skip, Value(page, all.Span, i));
        }
    }

    private ReadOnlySpan<byte> Value(PageValues page, ReadOnlySpan<int> indices, int i) =>
        page.Valid > 0 && (page.Bits is null || (page.Bits[i >> 6] >> (i & 63) & 1) != 0) ? _dictionary![indices[i]] : default;

    private void LeaveDictionary()
    {
        if (_offsets is not null)
        {
            return;
        }

        budget.Take(4L * Rows);
        _offsets = new int[Rows + 1];
        var validity = Validity;
        for (int i = 0; _indices is not null && i < Filled; i++)
        {
            var value = validity[i] ? _dictionary![_indices[i]] : default;
            Reserve(value.Length);
            Append(i, value);
        }
    }

    private void Append(int index, ReadOnlySpan<byte> value)
    {
        int at = _offsets![index];
        value.CopyTo(_bytes.AsSpan(at));
        _offsets[index + 1] = at + value.Length;
    }

    private int _used;

    private void Reserve(long more)
    {
        long needed = _used + more;
        if (needed > Array.MaxLength)
        {
            throw new ParquetException("its text exceeds 2 GiB in one row group");
        }

        budget.Take(more);
        _used = (int)needed;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        }
    }

    private static TextColumn Empty(ColumnType type) => new(type, new int[2], default, Validity.All(1));
}
