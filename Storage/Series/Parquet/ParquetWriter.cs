using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Codecs;
using CloudStore.Storage.Series.Parquet.Metadata;
using CloudStore.Storage.Series.Parquet.Reading;
using CloudStore.Storage.Series.Parquet.Thrift;
using CloudStore.Storage.Series.Parquet.Writing;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>
/// Writes a Parquet file to a stream, from its beginning on and without going back. It holds the batches of one row group and what they become, no more. A file that was not finished has no
/// footer and is none. For one thread at a time.
/// </summary>
public sealed class ParquetWriter
{
    private readonly Stream _output;
    private readonly ParquetWriteOptions _options;
    private readonly LeafColumn[] _leaves;
    private readonly FileMetadata _metadata = new() { Version = 2, CreatedBy = "CloudStore version 1.0.0" };
    private readonly List<EncodedChunk[]> _indexes = [];
    private readonly List<ColumnBatch> _pending = [];
    private readonly ColumnBounds?[] _bounds;

    // There are values of which the statistics of a row group could not tell how great they are.
    private readonly bool[] _isUnbounded;
    private int _pendingRows;
    private long _pendingBytes, _position;
    private bool _isFinished;

    /// <param name="output">Is written to and left open.</param>
    /// <exception cref="ParquetException">The codec is not supported, or its library is not on this machine.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or names a column that is not there.</exception>
    public ParquetWriter(Stream output, ColumnSchema schema, ParquetWriteOptions? options = null)
    {
        (_output, Schema, _options) = (output, schema, options ?? new());
        _options.Check();
        _ = PageCodec.Of(_options.Codec);
        foreach (var name in _options.Encodings.Keys)
        {
            schema.Require(name);
        }

        _metadata.Schema.Add(new SchemaElement { Name = "schema", Children = schema.Count });
        _metadata.Schema.AddRange(schema.Fields.Select(TypeMapping.ToElement));
        _leaves = [.. SchemaTree.Leaves(_metadata.Schema, new())];
        (_bounds, _isUnbounded) = (new ColumnBounds?[schema.Count], new bool[schema.Count]);
        foreach (var (key, value) in _options.KeyValues)
        {
            _metadata.KeyValues[key] = value;
        }
    }

    public ColumnSchema Schema { get; }

    /// <summary>Writes a batch's rows after those before. They may stay in memory until their row group is full.</summary>
    /// <exception cref="ArgumentException">The batch has another schema, or a value does not fit its type.</exception>
    public async Task WriteAsync(ColumnBatch batch, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isFinished, this);
        if (!batch.Schema.Equals(Schema))
        {
            throw new ArgumentException($"The batch has the columns {batch.Schema}; the file has {Schema}.", nameof(batch));
        }

        for (int row = 0; row < batch.RowCount;)
        {
            double rowBytes = Math.Max(1, BytesOf(batch) / (double)batch.RowCount);
            int byBytes = (int)Math.Clamp((_options.RowGroupBytes - _pendingBytes) / rowBytes, 0, int.MaxValue);
            // Whole pages, so that a limit of bytes does not end in crumbs.
            int room = Math.Min(_options.RowGroupRows - _pendingRows, Math.Max(byBytes, _pendingRows == 0 ? _options.PageRows : 0));
            int take = Math.Min(batch.RowCount - row, room);
            if (take > 0)
            {
                _pending.Add(batch.Slice(row, take));
                (_pendingRows, _pendingBytes, row) = (_pendingRows + take, _pendingBytes + (long)(take * rowBytes), row + take);
            }

            if (take == room)
            {
                await FlushAsync(cancellationToken);
            }
        }
    }

    /// <summary>Writes what is left, the indexes and the footer.</summary>
    public async Task<ParquetSummary> FinishAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isFinished, this);
        await FlushAsync(cancellationToken);
        await BeginAsync(cancellationToken);
        using var end = new ByteBuffer(1 << 12);
        WriteIndexes(end);
        int footer = end.Length;
        _metadata.Write(new ThriftWriter(end));
        end.Int32(end.Length - footer);
        end.Write(FileMetadata.Magic);
        await _output.WriteAsync(end.Memory, cancellationToken);
        _position += end.Length;
        _isFinished = true;
        return new ParquetSummary(_metadata.Rows, _position, Schema.Fields.Select((f, i) => (f.Name, Bounds: Bounds(i))).ToDictionary(p => p.Name, p => p.Bounds, StringComparer.Ordinal), _metadata.RowGroups.Count);
    }

    /// <summary>Writes batches of one schema, at least one, as a file.</summary>
    public static async Task<ParquetSummary> WriteAsync(Stream output, IEnumerable<ColumnBatch> batches, ParquetWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ParquetWriter? writer = null;
        foreach (var batch in batches)
        {
            writer ??= new ParquetWriter(output, batch.Schema, options);
            await writer.WriteAsync(batch, cancellationToken);
        }

        return writer is null ? throw new ArgumentException("A file has the schema of its batches, and there is none.", nameof(batches)) : await writer.FinishAsync(cancellationToken);
    }

    public static Task<ParquetSummary> WriteAsync(Stream output, ColumnBatch batch, ParquetWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        WriteAsync(output, [batch], options, cancellationToken);

    private ColumnBounds Bounds(int column)
    {
        var bounds = _bounds[column] ?? new ColumnBounds(null, null, false, false, 0);
        return _isUnbounded[column] ? new(null, null, false, false, bounds.NullCount) : bounds;
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (_position == 0)
        {
            await _output.WriteAsync(FileMetadata.Magic.ToArray(), cancellationToken);
            _position = FileMetadata.Magic.Length;
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_pendingRows == 0)
        {
            return;
        }

        await BeginAsync(cancellationToken);
        var chunks = new EncodedChunk[_leaves.Length];
        try
        {
            Encode(chunks, cancellationToken);
            var group = new RowGroupMetadata { Rows = _pendingRows };
            for (int i = 0; i < chunks.Length; i++)
            {
                var chunk = chunks[i];
                Place(chunk);
                await _output.WriteAsync(chunk.Bytes.Memory, cancellationToken);
                _position += chunk.Bytes.Length;
                group.Columns.Add(chunk.Metadata);
                group.ByteSize += chunk.Metadata.UncompressedSize;
                _bounds[i] = Merge(_bounds[i], chunk.Bounds);
                _isUnbounded[i] |= Schema[i].Type.IsText && chunk.Bounds.Min is null && chunk.Bounds.NullCount < _pendingRows;
            }

            _metadata.RowGroups.Add(group);
            _metadata.Rows += _pendingRows;
            _indexes.Add(chunks);
        }
        finally
        {
            foreach (var chunk in chunks)
            {
                chunk?.Dispose();
            }
        }

        _pending.Clear();
        (_pendingRows, _pendingBytes) = (0, 0);
    }

    private void Encode(EncodedChunk[] chunks, CancellationToken cancellationToken)
    {
        EncodedChunk One(int i) => ChunkEncoder.Encode(_leaves[i], [.. _pending.Select(b => b.Columns[i])], _pendingRows, _options);
        int threads = _options.Parallelism > 0 ? _options.Parallelism : Environment.ProcessorCount;
        if (threads == 1 || _leaves.Length == 1 || _pendingRows <= _options.PageRows)
        {
            for (int i = 0; i < chunks.Length; i++)
            {
                chunks[i] = One(i);
            }

            return;
        }

        try
        {
            Parallel.For(0, chunks.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, i => chunks[i] = One(i));
        }
        catch (AggregateException e) when (e.InnerException is ArgumentException or ParquetException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }

    // Places in a chunk become places in the file.
    private void Place(EncodedChunk chunk)
    {
        chunk.Metadata.DataOffset += _position;
        chunk.Metadata.DictionaryOffset += _position;
        for (int i = 0; i < chunk.Offsets.Pages.Count; i++)
        {
            chunk.Offsets.Pages[i] = chunk.Offsets.Pages[i] with { Offset = chunk.Offsets.Pages[i].Offset + _position };
        }
    }

    private void WriteIndexes(ByteBuffer output)
    {
        var writer = new ThriftWriter(output);
        foreach (var chunk in _indexes.SelectMany(c => c).Where(c => c.Index is not null))
        {
            (chunk.Metadata.ColumnIndexOffset, int at) = (_position + output.Length, output.Length);
            chunk.Index!.Write(writer);
            chunk.Metadata.ColumnIndexLength = output.Length - at;
        }

        foreach (var chunk in _indexes.SelectMany(c => c))
        {
            (chunk.Metadata.OffsetIndexOffset, int at) = (_position + output.Length, output.Length);
            chunk.Offsets.Write(writer);
            chunk.Metadata.OffsetIndexLength = output.Length - at;
        }
    }

    private static ColumnBounds Merge(ColumnBounds? before, ColumnBounds next)
    {
        if (before is null)
        {
            return next;
        }

        bool isLess = before.Min is null || (next.Min is not null && StatisticValue.CompareForCallers(next.Min, before.Min) < 0);
        bool isGreater = before.Max is null || (next.Max is not null && StatisticValue.CompareForCallers(next.Max, before.Max) > 0);
        return new(isLess ? next.Min : before.Min, isGreater ? next.Max : before.Max, isLess ? next.IsMinExact : before.IsMinExact, isGreater ? next.IsMaxExact : before.IsMaxExact, before.NullCount + next.NullCount);
    }

    private static long BytesOf(ColumnBatch batch) => batch.Columns.Sum(c => c switch
    {
        TextColumn { Dictionary: not null } text => 4L * text.Length,
        TextColumn text => 4L * text.Length + text.Offsets[^1] - text.Offsets[0],
        ValueColumn<Int128> => 16L * c.Length,
        ValueColumn<bool> => c.Length,
        ValueColumn<int> or ValueColumn<float> => 4L * c.Length,
        _ => 8L * c.Length,
    });
}
