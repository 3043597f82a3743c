using System.Text;
using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>Writes text and bytes: what repeats as indices into a dictionary, what shares its beginning with its neighbour as differences, the rest as it is.</summary>
internal sealed class TextChunkWriter : ChunkWriter<ReadOnlyMemory<byte>>
{
    private const int Look = 8192, MaxEntries = 1 << 17, MaxDictionaryBytes = 8 << 20;
    private readonly TextColumn _column;

    // The row of each value that is there; null where all are.
    private readonly int[]? _rows;
    private readonly int _count;
    private TextDictionary? _dictionary;
    private int[]? _indices;

    public TextChunkWriter(LeafColumn leaf, ParquetWriteOptions options, TextColumn column)
        : base(leaf, options)
    {
        _column = column;
        _count = column.Length - column.NullCount;
        _rows = _count == column.Length ? null : [.. Enumerable.Range(0, column.Length).Where(i => !column.IsNull(i))];
        Encoding = options.Encodings.TryGetValue(leaf.Path, out var wanted) ? Require(wanted) : Choose();
    }

    protected override int PageRows(Validity validity, int row, int left, int dense)
    {
        int most = Math.Min(left, Options.PageRows);
        if (Encoding == ParquetEncoding.RleDictionary)
        {
            return most;
        }

        long bytes = 0;
        int rows = 0;
        while (rows < most && (rows == 0 || bytes < Options.PageBytes))
        {
            bytes += 4 + (validity[row + rows] ? Value(dense++).Length : 0);
            rows++;
        }

        return rows;
    }

    protected override int WriteDictionary(ByteBuffer output)
    {
        for (int i = 0; i < _dictionary!.Count; i++)
        {
            output.Int32(_dictionary[i].Length);
            output.Write(_dictionary[i]);
        }

        return _dictionary.Count;
    }

    protected override void WriteValues(int start, int count, ByteBuffer output)
    {
        switch (Encoding)
        {
            case ParquetEncoding.RleDictionary:
                int width = ValueChunkWriter<int>.IndexWidth(_dictionary!.Count);
                output.Byte((byte)width);
                HybridWriter.Write(_indices.AsSpan(start, count), width, output);
                break;
            case ParquetEncoding.DeltaByteArray:
                WriteDelta(start, count, output);
                break;
            case ParquetEncoding.DeltaLengthByteArray:
                WriteLengths(start, count, [], output);
                break;
            default:
                for (int i = start; i < start + count; i++)
                {
                    output.Int32(Value(i).Length);
                    output.Write(Value(i));
                }

                break;
        }
    }

    protected override PageBounds<ReadOnlyMemory<byte>> Bounds(int start, int count)
    {
        if (count == 0)
        {
            return default;
        }

        int least = start, greatest = start;
        var last = Value(start);
        for (int i = start + 1; i < start + count; i++)
        {
            var value = Value(i);
            if (value.SequenceEqual(last))
            {
                continue;
            }

            last = value;
            least = value.SequenceCompareTo(Value(least)) < 0 ? i : least;
            greatest = value.SequenceCompareTo(Value(greatest)) > 0 ? i : greatest;
        }

        return new(Value(least).ToArray(), Value(greatest).ToArray(), true);
    }

    protected override int Compare(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) => left.Span.SequenceCompareTo(right.Span);

    protected override StatisticBytes? Min(ReadOnlyMemory<byte> value) => TextStatistic.Min(value.Span, Options.StatisticBytes, Leaf.Type!.Value.Kind == ColumnKind.String);

    protected override StatisticBytes? Max(ReadOnlyMemory<byte> value) => TextStatistic.Max(value.Span, Options.StatisticBytes, Leaf.Type!.Value.Kind == ColumnKind.String);

    private ReadOnlySpan<byte> Value(int dense) => _column[_rows is null ? dense : _rows[dense]];

    private void WriteDelta(int start, int count, ByteBuffer output)
    {
        var shared = new long[count];
        var prefixes = new int[count];
        for (int i = 1; i < count; i++)
        {
            shared[i] = prefixes[i] = Value(start + i).CommonPrefixLength(Value(start + i - 1));
        }

        DeltaWriter.Write(shared, isWide: false, output);
        WriteLengths(start, count, prefixes, output);
    }

    private void WriteLengths(int start, int count, int[] prefixes, ByteBuffer output)
    {
        var lengths = new long[count];
        for (int i = 0; i < count; i++)
        {
            lengths[i] = Value(start + i).Length - (prefixes.Length > 0 ? prefixes[i] : 0);
        }

        DeltaWriter.Write(lengths, isWide: false, output);
        for (int i = 0; i < count; i++)
        {
            output.Write(Value(start + i)[(prefixes.Length > 0 ? prefixes[i] : 0)..]);
        }
    }

    private ParquetEncoding Choose()
    {
        if (_count > 0 && BuildDictionary(isForced: false))
        {
            return ParquetEncoding.RleDictionary;
        }

        long shared = 0, bytes = 0;
        for (int i = 1; i < Math.Min(_count, 1024); i++)
        {
            shared += Value(i).CommonPrefixLength(Value(i - 1));
            bytes += Value(i).Length;
        }

        return shared > 0 && shared >= 0.4 * bytes ? ParquetEncoding.DeltaByteArray
            : Options.DataPageV2 ? ParquetEncoding.DeltaLengthByteArray
            : ParquetEncoding.Plain;
    }

    private bool BuildDictionary(bool isForced)
    {
        var dictionary = new TextDictionary(_column.Type);
        var indices = new int[_count];
        int most = isForced ? int.MaxValue : Math.Min(MaxEntries, Math.Max(1, _count / 2));
        // Indices that come with the column are taken over; -1 is one that was not met yet.
        var known = _column.Dictionary is null ? null : new int[_column.Dictionary.Length];
        known?.AsSpan().Fill(-1);
        for (int i = 0; i < _count; i++)
        {
            int row = _rows is null ? i : _rows[i];
            if (known is null)
            {
                indices[i] = dictionary.Add(_column[row]);
            }
            else
            {
                ref int place = ref known[_column.Indices[row]];
                indices[i] = place >= 0 ? place : place = dictionary.Add(_column[row]);
            }

            bool isMany = dictionary.Count > most || (i == Look && dictionary.Count > Look / 2) || dictionary.ByteCount > MaxDictionaryBytes;
            if (isMany && !isForced)
            {
                return false;
            }
        }

        (_dictionary, _indices) = (dictionary, indices);
        return true;
    }

    private ParquetEncoding Require(ParquetEncoding wanted)
    {
        if (wanted == ParquetEncoding.RleDictionary)
        {
            BuildDictionary(isForced: true);
            return wanted;
        }

        return wanted is ParquetEncoding.Plain or ParquetEncoding.DeltaLengthByteArray or ParquetEncoding.DeltaByteArray ? wanted
            : throw new ArgumentException($"Column '{Leaf.Path}' of type {Leaf.Type} cannot be encoded as {wanted}.");
    }
}
