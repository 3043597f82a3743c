using System.Buffers.Binary;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>A file with its footer read. Safe for any number of threads.</summary>
internal sealed class FileSource(IRandomAccess bytes, FileMetadata metadata, IReadOnlyList<LeafColumn> leaves, ParquetReadOptions options)
{
    // The footer of a file of a few columns and row groups comes with the first read.
    private const int TailBytes = 64 << 10;
    private const int EndBytes = 8;

    public delegate T Parse<T>(ReadOnlySpan<byte> data);

    public IRandomAccess Bytes => bytes;

    public string Name => bytes.Name;

    public FileMetadata Metadata => metadata;

    public IReadOnlyList<LeafColumn> Leaves => leaves;

    public ParquetReadOptions Options => options;

    /// <exception cref="ParquetException">It is no Parquet file, or its footer is damaged.</exception>
    public static async Task<FileSource> OpenAsync(IRandomAccess bytes, ParquetReadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            int tail = (int)Math.Min(bytes.Length, TailBytes);
            using var end = new Pooled<byte>(tail);
            await bytes.ReadAsync(bytes.Length - tail, end.Array.AsMemory(0, tail), cancellationToken);
            int length = FooterLength(end.Span, bytes.Length);
            if (length <= tail - EndBytes)
            {
                return Open(bytes, end.Span[^(length + EndBytes)..^EndBytes], options);
            }

            using var footer = new Pooled<byte>(length);
            await bytes.ReadAsync(bytes.Length - EndBytes - length, footer.Array.AsMemory(0, length), cancellationToken);
            return Open(bytes, footer.Span, options);
        }
        catch (ParquetException e)
        {
            throw e.At(bytes.Name);
        }
    }

    /// <summary>Reads a structure that is not a page.</summary>
    public async ValueTask<T> ReadAsync<T>(long offset, int length, Parse<T> parse, string column, CancellationToken cancellationToken)
    {
        try
        {
            if (length < 0 || offset < 0 || offset > bytes.Length - length)
            {
                throw new ParquetException($"an index of {length} bytes lies outside the file, which has {bytes.Length}");
            }

            using var data = new Pooled<byte>(length);
            await bytes.ReadAsync(offset, data.Array.AsMemory(0, length), cancellationToken);
            return parse(data.Span);
        }
        catch (ParquetException e)
        {
            throw e.At(bytes.Name, column, offset);
        }
    }

    /// <summary>Where the data pages of a chunk are, checked: ascending in rows and in the file, inside the chunk.</summary>
    public async ValueTask<List<PageLocation>> OffsetIndexAsync(RowGroupMetadata group, LeafColumn leaf, CancellationToken cancellationToken)
    {
        var chunk = group.Columns[leaf.Index];
        var pages = (await ReadAsync(chunk.OffsetIndexOffset, chunk.OffsetIndexLength, OffsetIndex.Read, leaf.Path, cancellationToken)).Pages;
        long row = -1, at = chunk.Start;
        foreach (var page in pages)
        {
            if (page.FirstRow <= row || page.FirstRow >= group.Rows || page.Offset < at || page.Size <= 0 || page.Offset + page.Size > chunk.Start + chunk.CompressedSize)
            {
                throw new ParquetException($"the offset index has a page of {page.Size} bytes at byte {page.Offset} from row {page.FirstRow} on, which is not in its chunk or not after the page before").At(Name, leaf.Path, chunk.OffsetIndexOffset);
            }

            (row, at) = (page.FirstRow, page.Offset + page.Size);
        }

        return pages.Count > 0 && pages[0].FirstRow == 0 ? pages : throw new ParquetException("the offset index has no page with the first row").At(Name, leaf.Path, chunk.OffsetIndexOffset);
    }

    private static int FooterLength(ReadOnlySpan<byte> tail, long file)
    {
        if (file < FileMetadata.Magic.Length + EndBytes)
        {
            throw new ParquetException($"it has {file} bytes, and no Parquet file has fewer than {FileMetadata.Magic.Length + EndBytes}");
        }

        var magic = tail[^4..];
        if (magic.SequenceEqual(FileMetadata.EncryptedMagic))
        {
            throw new ParquetException("its footer is encrypted, which is not supported");
        }

        if (!magic.SequenceEqual(FileMetadata.Magic))
        {
            throw new ParquetException("it does not end in PAR1: it is no Parquet file, or its end is missing");
        }

        if (file == tail.Length && !tail[..4].SequenceEqual(FileMetadata.Magic))
        {
            throw new ParquetException("it does not begin with PAR1");
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail[^8..]);
        return length <= Math.Min(file - FileMetadata.Magic.Length - EndBytes, Array.MaxLength) ? (int)length : throw new ParquetException($"its footer has {length} bytes, the file {file}");
    }

    private static FileSource Open(IRandomAccess bytes, ReadOnlySpan<byte> footer, ParquetReadOptions options)
    {
        try
        {
            var metadata = FileMetadata.Read(footer);
            var leaves = SchemaTree.Leaves(metadata.Schema, options);
            foreach (var group in metadata.RowGroups)
            {
                Check(group, leaves, bytes.Length - EndBytes - footer.Length);
            }

            long rows = metadata.RowGroups.Sum(g => g.Rows);
            return rows == metadata.Rows ? new(bytes, metadata, leaves, options) : throw new ParquetException($"the footer counts {metadata.Rows} rows, its row groups {rows}");
        }
        catch (ParquetException e)
        {
            throw e.At(offset: bytes.Length - EndBytes - footer.Length);
        }
        catch (OverflowException e)
        {
            throw new ParquetException("the row groups' rows are more than 64 bits count", e);
        }
    }

    private static void Check(RowGroupMetadata group, IReadOnlyList<LeafColumn> leaves, long end)
    {
        if (group.Columns.Count != leaves.Count)
        {
            throw new ParquetException($"a row group has {group.Columns.Count} columns, the schema {leaves.Count}");
        }

        if (group.Rows < 0)
        {
            throw new ParquetException($"a row group has {group.Rows} rows");
        }

        for (int i = 0; i < leaves.Count; i++)
        {
            var (leaf, chunk) = (leaves[i], group.Columns[i]);
            var rule = chunk switch
            {
                { IsEncrypted: true } => "it is encrypted, which is not supported",
                { FilePath: not null } => "its chunk is in another file, which is not supported",
                _ when chunk.Type != leaf.Physical => $"its chunk is of type {chunk.Type}, the schema says {leaf.Physical}",
                { Values: < 0 } => $"its chunk has {chunk.Values} values",
                _ when leaf.IsFlat && chunk.Values != group.Rows => $"its chunk has {chunk.Values} values, the row group {group.Rows} rows",
                _ when chunk.CompressedSize < 0 || chunk.Start < 0 || chunk.Start > end - chunk.CompressedSize => $"its chunk of {chunk.CompressedSize} bytes at byte {chunk.Start} does not lie before the footer",
                _ => null,
            };
            if (rule is not null)
            {
                throw new ParquetException(rule).At(column: leaf.Path);
            }
        }
    }
}
