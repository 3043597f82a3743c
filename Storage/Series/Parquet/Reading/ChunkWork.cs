using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>A chunk that is to be read, whole or by its pages, into its target.</summary>
internal sealed class ChunkWork(FileSource source, LeafColumn leaf, ColumnMetadata chunk, ChunkTarget target, MemoryBudget budget, Levels? levels = null)
{
    /// <summary>A part of the file, and the first row that its data pages have.</summary>
    private readonly record struct Piece(long Offset, int Length, long FirstRow);

    private readonly List<Piece> _pieces = [];
    private RowSet? _rows;

    public long Start => _pieces.Count == 0 ? chunk.Start : _pieces[0].Offset;

    public long End => _pieces.Count == 0 ? chunk.Start : _pieces[^1].Offset + _pieces[^1].Length;

    /// <summary>Reads all of its pages.</summary>
    /// <param name="rows">The rows that the target takes; null for all.</param>
    public void TakeAll(RowSet? rows = null)
    {
        _rows = rows;
        if (chunk.CompressedSize > Array.MaxLength)
        {
            throw new ParquetException($"its chunk has {chunk.CompressedSize} bytes, and up to 2 GiB are read").At(source.Name, leaf.Path, chunk.Start);
        }

        _pieces.Add(new(chunk.Start, (int)chunk.CompressedSize, 0));
    }

    /// <summary>Reads its dictionary and those pages that have some of the rows.</summary>
    public void TakePages(List<PageLocation> pages, RowSet rows)
    {
        _rows = rows;
        if (pages[0].Offset > chunk.Start)
        {
            Add(chunk.Start, (int)Math.Min(int.MaxValue, pages[0].Offset - chunk.Start), 0, mayMerge: false);
        }

        for (int i = 0; i < pages.Count; i++)
        {
            long end = i + 1 < pages.Count ? pages[i + 1].FirstRow : chunk.Values;
            if (rows.Within(pages[i].FirstRow, end).Any())
            {
                Add(pages[i].Offset, pages[i].Size, pages[i].FirstRow, mayMerge: i > 0 && rows.Within(pages[i - 1].FirstRow, pages[i].FirstRow).Any());
            }
        }
    }

    /// <summary>Decodes out of bytes that were read for several chunks.</summary>
    public void Decode(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            var reader = new ChunkReader(leaf, chunk, target, budget, levels);
            foreach (var piece in _pieces)
            {
                Read(reader, piece, bytes.Slice((int)(piece.Offset - offset), piece.Length));
            }

            reader.RequireRows();
        }
        catch (ParquetException e)
        {
            throw e.At(source.Name, leaf.Path);
        }
    }

    /// <summary>Reads its parts one by one and decodes each.</summary>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reader = new ChunkReader(leaf, chunk, target, budget, levels);
            foreach (var piece in _pieces)
            {
                using var bytes = new Pooled<byte>(piece.Length);
                await source.Bytes.ReadAsync(piece.Offset, bytes.Array.AsMemory(0, piece.Length), cancellationToken);
                Read(reader, piece, bytes.Span);
            }

            reader.RequireRows();
        }
        catch (ParquetException e)
        {
            throw e.At(source.Name, leaf.Path);
        }
    }

    private void Read(ChunkReader reader, Piece piece, ReadOnlySpan<byte> bytes)
    {
        if (_rows is null)
        {
            reader.ReadAll(bytes, piece.Offset);
        }
        else
        {
            reader.ReadSome(bytes, piece.Offset, piece.FirstRow, _rows);
        }
    }

    private void Add(long offset, int length, long firstRow, bool mayMerge)
    {
        if (mayMerge && _pieces[^1] is var last && last.Offset + last.Length == offset && (long)last.Length + length <= source.Bytes.MergeBytes)
        {
            _pieces[^1] = last with { Length = last.Length + length };
        }
        else
        {
            _pieces.Add(new(offset, length, firstRow));
        }
    }
}
