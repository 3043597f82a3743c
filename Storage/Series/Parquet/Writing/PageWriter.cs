using CloudStore.Storage.Series.Parquet.Codecs;
using CloudStore.Storage.Series.Parquet.Metadata;
using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>Puts pages into a chunk: compresses, makes the header, counts. For one thread.</summary>
internal sealed class PageWriter(EncodedChunk chunk, ParquetWriteOptions options)
{
    private const double WorthIt = 0.9;
    private PageCodec? _codec = PageCodec.Of(options.Codec);

    /// <summary>Leaves the chunk uncompressed where that makes it hardly larger, by its first data page. The dictionary goes along with the pages.</summary>
    public void ChooseCodec(ReadOnlySpan<byte> page)
    {
        if (_codec is not null && !page.IsEmpty)
        {
            using var packed = new ByteBuffer(page.Length + 256);
            _codec.Compress(page, packed);
            _codec = packed.Length < page.Length * WorthIt ? _codec : null;
        }

        chunk.Metadata.Codec = _codec is null ? ParquetCodec.Uncompressed : options.Codec;
    }

    public void Dictionary(ReadOnlySpan<byte> values, int count)
    {
        chunk.Metadata.DictionaryOffset = 0;
        Page(new PageHeader { Type = PageType.Dictionary, Values = count, Encoding = ParquetEncoding.Plain }, default, values);
        chunk.Metadata.DataOffset = chunk.Bytes.Length;
    }

    /// <param name="header">With its counts, encoding and statistics.</param>
    /// <param name="levels">Repetition and definition levels as the page's version has them.</param>
    /// <param name="firstRow">Of the row group.</param>
    public void Data(PageHeader header, ReadOnlySpan<byte> levels, ReadOnlySpan<byte> values, long firstRow)
    {
        int at = chunk.Bytes.Length;
        Page(header, levels, values);
        chunk.Offsets.Pages.Add(new(at, chunk.Bytes.Length - at, firstRow));
    }

    private void Page(PageHeader header, ReadOnlySpan<byte> levels, ReadOnlySpan<byte> values)
    {
        bool isV2 = header.Type == PageType.DataV2;
        using var body = new ByteBuffer(levels.Length + values.Length + 256);
        if (isV2)
        {
            body.Write(levels);
            Compressed(values, body, header);
        }
        else if (_codec is null)
        {
            body.Write(levels);
            body.Write(values);
        }
        else if (levels.IsEmpty)
        {
            _codec.Compress(values, body);
        }
        else
        {
            using var plain = new ByteBuffer(levels.Length + values.Length);
            plain.Write(levels);
            plain.Write(values);
            _codec.Compress(plain.Written, body);
        }

        header.UncompressedSize = levels.Length + values.Length;
        header.CompressedSize = body.Length;
        header.Crc = options.PageCrc ? (int)Crc32.Of(body.Written) : null;
        int before = chunk.Bytes.Length;
        header.Write(new ThriftWriter(chunk.Bytes));
        chunk.Metadata.UncompressedSize += chunk.Bytes.Length - before + header.UncompressedSize;
        chunk.Bytes.Write(body.Written);
        chunk.Metadata.CompressedSize = chunk.Bytes.Length;
    }

    // A page of the second version says by itself whether it is compressed.
    private void Compressed(ReadOnlySpan<byte> values, ByteBuffer body, PageHeader header)
    {
        using var packed = new ByteBuffer(values.Length + 64);
        if (_codec is not null && values.Length > 0)
        {
            _codec.Compress(values, packed);
        }

        header.IsCompressed = packed.Length > 0 && packed.Length < values.Length;
        body.Write(header.IsCompressed ? packed.Written : values);
    }
}
