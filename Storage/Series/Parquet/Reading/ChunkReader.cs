using System.Buffers.Binary;
using System.Numerics;
using CloudStore.Storage.Series.Parquet.Codecs;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;
using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Reads the pages of one chunk. For one thread.</summary>
internal sealed class ChunkReader(LeafColumn leaf, ColumnMetadata chunk, ChunkTarget target, MemoryBudget budget, Levels? levels = null)
{
    private readonly PageCodec? _codec = PageCodec.Of(chunk.Codec);
    private long _row;

    /// <summary>All pages of the chunk.</summary>
    /// <param name="bytes">From its first page on.</param>
    /// <param name="offset">Where that is in the file.</param>
    /// <exception cref="ParquetException">It names the column and the page's place.</exception>
    public void ReadAll(ReadOnlySpan<byte> bytes, long offset)
    {
        for (int at = 0; _row < chunk.Values;)
        {
            at = ReadPage(bytes, at, offset, null);
        }

        RequireRows();
    }

    /// <summary>A dictionary page, or data pages that follow each other; of the latter the values that are in <paramref name="rows"/>.</summary>
    public void ReadSome(ReadOnlySpan<byte> bytes, long offset, long firstRow, RowSet rows)
    {
        _row = firstRow;
        for (int at = 0; at < bytes.Length;)
        {
            at = ReadPage(bytes, at, offset, rows);
        }
    }

    public void RequireRows()
    {
        if (target.Filled != target.Rows)
        {
            throw new ParquetException($"the chunk has {target.Filled} values where {target.Rows} should be").At(column: leaf.Path, offset: chunk.Start);
        }
    }

    private int ReadPage(ReadOnlySpan<byte> bytes, int at, long offset, RowSet? rows)
    {
        try
        {
            if (at >= bytes.Length)
            {
                throw new ParquetException($"the chunk ends after {_row} of the {chunk.Values} values that the footer counts");
            }

            var thrift = new ThriftReader(bytes[at..]);
            var header = PageHeader.Read(ref thrift);
            int start = at + thrift.Position;
            if (header.CompressedSize > bytes.Length - start)
            {
                throw new ParquetException($"the page has {header.CompressedSize} bytes, and {bytes.Length - start} are left of its chunk");
            }

            var body = bytes.Slice(start, header.CompressedSize);
            if (header.Crc is { } crc && Crc32.Of(body) != (uint)crc)
            {
                throw new ParquetException("the page's CRC does not match its bytes");
            }

            switch (header.Type)
            {
                case PageType.Data: ReadData(header, body, rows); break;
                case PageType.DataV2: ReadDataV2(header, body, rows); break;
                case PageType.Dictionary: ReadDictionary(header, body); break;
            }

            return start + header.CompressedSize;
        }
        catch (ParquetException e)
        {
            throw e.At(column: leaf.Path, offset: offset + at);
        }
    }

    private void ReadDictionary(PageHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Encoding is not (ParquetEncoding.Plain or ParquetEncoding.PlainDictionary))
        {
            throw new ParquetException($"the dictionary is encoded as {header.Encoding}, and dictionaries are plain");
        }

        using var plain = Plain(body, header.UncompressedSize);
        var data = plain.Of(body);
        // A value takes a bit at least, so that what is made is in proportion to what is there.
        if (header.Values > 8L * data.Length)
        {
            throw new ParquetException($"the dictionary has {header.Values} values in {data.Length} bytes");
        }

        budget.Take(16L * header.Values + data.Length);
        target.Dictionary(data, header.Values);
    }

    private void ReadData(PageHeader header, ReadOnlySpan<byte> body, RowSet? rows)
    {
        RequireCount(header.Values);
        using var plain = Plain(body, header.UncompressedSize);
        var data = plain.Of(body);
        var repetition = leaf.MaxRepetition > 0 ? Section(ref data, header.RepetitionEncoding, header.Values, leaf.RepetitionWidth) : default;
        var definition = leaf.MaxDefinition > 0 ? Section(ref data, header.DefinitionEncoding, header.Values, leaf.DefinitionWidth) : default;
        levels?.Repetition(repetition, header.RepetitionEncoding, header.Values);
        Finish(header, definition, header.DefinitionEncoding, data, rows);
    }

    private void ReadDataV2(PageHeader header, ReadOnlySpan<byte> body, RowSet? rows)
    {
        RequireCount(header.Values);
        int before = header.RepetitionBytes + header.DefinitionBytes;
        if (before < 0 || before > body.Length || before > header.UncompressedSize)
        {
            throw new ParquetException($"the page's levels have {header.RepetitionBytes} and {header.DefinitionBytes} bytes, the page {body.Length}");
        }

        var repetition = body[..header.RepetitionBytes];
        var definition = body[header.RepetitionBytes..before];
        var packed = body[before..];
        levels?.Repetition(repetition, ParquetEncoding.Rle, header.Values);
        using var plain = header.IsCompressed ? Plain(packed, header.UncompressedSize - before) : default;
        Finish(header, definition, ParquetEncoding.Rle, plain.Of(packed), rows);
    }

    private void Finish(PageHeader header, ReadOnlySpan<byte> definition, ParquetEncoding encoding, ReadOnlySpan<byte> data, RowSet? rows)
    {
        int count = header.Values, valid = count;
        ulong[]? bits = null;
        if (leaf.MaxDefinition > 0 && count > 0)
        {
            bits = Columns.Validity.Words(count);
            valid = Levels.Bits(definition, encoding, leaf, count, bits, levels);
            bits = valid == count ? null : bits;
        }

        if (header.Type == PageType.DataV2 && header.Nulls != count - valid)
        {
            throw new ParquetException($"the page's header counts {header.Nulls} missing values, its levels {count - valid}");
        }

        var page = new PageValues(header.Encoding, data, count, valid, bits);
        long first = _row;
        _row += count;
        if (rows is null)
        {
            target.Add(page, 0, count);
            return;
        }

        foreach (var (start, end) in rows.Within(first, _row))
        {
            target.Add(page, (int)(start - first), (int)(end - start));
        }
    }

    // Levels of the first version: runs with their length before them, or bits as old writers packed them.
    private static ReadOnlySpan<byte> Section(ref ReadOnlySpan<byte> data, ParquetEncoding encoding, int count, int width)
    {
        long length = encoding == ParquetEncoding.BitPacked ? BitPacking.ByteCount(count, width) : data.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(data);
        data = encoding == ParquetEncoding.BitPacked ? data : data[Math.Min(4, data.Length)..];
        if (length < 0 || length > data.Length)
        {
            throw new ParquetException($"the page's levels have {length} bytes, and {data.Length} are left of it");
        }

        var section = data[..(int)length];
        data = data[(int)length..];
        return section;
    }

    private void RequireCount(int count)
    {
        if (count > chunk.Values - _row)
        {
            throw new ParquetException($"the page has {count} values, and {chunk.Values - _row} are left of the {chunk.Values} that the footer counts");
        }
    }

    private PlainBytes Plain(ReadOnlySpan<byte> packed, int length)
    {
        if (_codec is null)
        {
            return default;
        }

        if (length > 64 + (long)packed.Length * _codec.MaxExpansion)
        {
            throw new ParquetException($"the page has {packed.Length} bytes that should become {length}, more than {chunk.Codec} can make of them");
        }

        return new PlainBytes(_codec, packed, length, budget);
    }

    /// <summary>What a page decompresses to, in an array of the pool; without one, the page's bytes are plain.</summary>
    private readonly struct PlainBytes : IDisposable
    {
        private readonly Pooled<byte> _bytes;
        private readonly MemoryBudget? _budget;
        private readonly int _length;

        public PlainBytes(PageCodec codec, ReadOnlySpan<byte> packed, int length, MemoryBudget budget)
        {
            budget.Take(length);
            (_budget, _length, _bytes) = (budget, length, new Pooled<byte>(length));
            try
            {
                // Nothing need not be compressed to anything.
                if (length > 0 || packed.Length > 0)
                {
                    codec.Decompress(packed, _bytes.Span);
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => _budget is null ? body : _bytes.Span;

        public void Dispose()
        {
            if (_budget is not null)
            {
                _budget.GiveBack(_length);
                _bytes.Dispose();
            }
        }
    }
}
