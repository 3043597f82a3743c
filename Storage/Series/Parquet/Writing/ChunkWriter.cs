using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;
using CloudStore.Storage.Series.Parquet.Reading;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>Writes a column's part of a row group: chooses the encoding by the data, cuts it into pages, and keeps the statistics. For one thread, for one chunk.</summary>
/// <typeparam name="T">A value of statistics.</typeparam>
internal abstract class ChunkWriter<T>(LeafColumn leaf, ParquetWriteOptions options)
{
    private PageBounds<T> _bounds;
    private int _nulls;
    private bool _ascends = true, _descends = true;
    private PageBounds<T> _before;

    protected LeafColumn Leaf => leaf;

    private bool IsNullable => leaf.MaxDefinition > 0;

    protected ParquetWriteOptions Options => options;

    /// <summary>What the data pages are encoded as; the dictionary's indices where there is one.</summary>
    protected ParquetEncoding Encoding { get; set; }

    public EncodedChunk Write(Validity validity, int rows)
    {
        var chunk = new EncodedChunk { Metadata = new ColumnMetadata { Type = leaf.Physical, Values = rows } };
        chunk.Metadata.Path.Add(leaf.Path);
        var writer = new PageWriter(chunk, options);
        using var dictionary = new ByteBuffer();
        using var levels = new ByteBuffer();
        using var values = new ByteBuffer(1 << 16);
        int entries = Encoding == ParquetEncoding.RleDictionary ? WriteDictionary(dictionary) : 0;
        for (int row = 0, dense = 0; row < rows || row == 0;)
        {
            int count = PageRows(validity, row, rows - row, dense);
            int there = count - validity.Slice(row, count).CountNulls();
            levels.Clear();
            values.Clear();
            Levels(validity, row, count, there, levels);
            WriteValues(dense, there, values);
            if (row == 0)
            {
                writer.ChooseCodec(values.Written);
                if (Encoding == ParquetEncoding.RleDictionary)
                {
                    writer.Dictionary(dictionary.Written, entries);
                }
            }

            writer.Data(Header(chunk, Bounds(dense, there), count, there, levels.Length), levels.Written, values.Written, row);
            dense += there;
            row += count;
            if (rows == 0)
            {
                break;
            }
        }

        Finish(chunk);
        return chunk;
    }

    /// <summary>How many rows from one on, of which the first value that is there is at <paramref name="dense"/>, make a page.</summary>
    protected abstract int PageRows(Validity validity, int row, int left, int dense);

    /// <summary>Writes the dictionary's values plain.</summary>
    /// <returns>How many there are.</returns>
    protected abstract int WriteDictionary(ByteBuffer output);

    /// <summary>Writes values that are there in the chosen encoding.</summary>
    protected abstract void WriteValues(int start, int count, ByteBuffer output);

    protected abstract PageBounds<T> Bounds(int start, int count);

    protected abstract int Compare(T left, T right);

    /// <returns>Null where there is none that is short enough.</returns>
    protected abstract StatisticBytes? Min(T value);

    protected abstract StatisticBytes? Max(T value);

    private void Levels(Validity validity, int row, int count, int there, ByteBuffer output)
    {
        if (!IsNullable)
        {
            return;
        }

        if (!options.DataPageV2)
        {
            output.Int32(0);
        }

        if (there == count || there == 0)
        {
            HybridWriter.Run(count, there == 0 ? 0 : 1, 1, output);
        }
        else
        {
            HybridWriter.Bits(validity, row, count, output);
        }

        if (!options.DataPageV2)
        {
            output.SetInt32(0, output.Length - 4);
        }
    }

    private PageHeader Header(EncodedChunk chunk, PageBounds<T> bounds, int count, int there, int levels)
    {
        var statistics = Statistics(bounds, count - there);
        Note(chunk, bounds, statistics, count, there);
        return new PageHeader
        {
            Type = options.DataPageV2 ? PageType.DataV2 : PageType.Data,
            Values = count,
            Rows = count,
            Nulls = count - there,
            Encoding = Encoding,
            DefinitionBytes = levels,
            Statistics = statistics,
        };
    }

    private Statistics Statistics(PageBounds<T> bounds, int nulls)
    {
        var statistics = new Statistics { NullCount = nulls };
        if (bounds.HasValue && Min(bounds.Min) is { } min && Max(bounds.Max) is { } max)
        {
            (statistics.Min, statistics.IsMinExact) = (min.Bytes, min.IsExact);
            (statistics.Max, statistics.IsMaxExact) = (max.Bytes, max.IsExact);
        }

        return statistics;
    }

    private void Note(EncodedChunk chunk, PageBounds<T> bounds, Statistics statistics, int count, int there)
    {
        _bounds = _bounds.Union(bounds, Compare);
        _nulls += count - there;
        if (there > 0 && statistics.Min is null)
        {
            // The format has no way to say that a page has values of which none is least: then there is no index.
            chunk.Index = null;
        }

        chunk.Index?.NullPages.Add(there == 0);
        chunk.Index?.Min.Add(statistics.Min ?? []);
        chunk.Index?.Max.Add(statistics.Max ?? []);
        chunk.Index?.NullCounts.Add(count - there);
        if (bounds.HasValue)
        {
            if (_before.HasValue)
            {
                _ascends &= Compare(bounds.Min, _before.Min) >= 0 && Compare(bounds.Max, _before.Max) >= 0;
                _descends &= Compare(bounds.Min, _before.Min) <= 0 && Compare(bounds.Max, _before.Max) <= 0;
            }

            _before = bounds;
        }
    }

    private void Finish(EncodedChunk chunk)
    {
        var statistics = Statistics(_bounds, _nulls);
        chunk.Metadata.Statistics = statistics;
        chunk.Metadata.Encodings.Add(Encoding);
        if (Encoding == ParquetEncoding.RleDictionary)
        {
            chunk.Metadata.Encodings.Add(ParquetEncoding.Plain);
        }

        if (IsNullable)
        {
            chunk.Metadata.Encodings.Add(ParquetEncoding.Rle);
        }

        if (chunk.Index is not null)
        {
            chunk.Index.Order = _ascends ? BoundaryOrder.Ascending : _descends ? BoundaryOrder.Descending : BoundaryOrder.Unordered;
        }

        chunk.Bounds = StatisticValue.ForCallers(leaf, StatisticValue.Bounds(leaf, statistics, isOrdered: true));
    }
}
