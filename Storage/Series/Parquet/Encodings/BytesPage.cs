using System.Buffers;
using System.Buffers.Binary;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>Where each value of a page of byte arrays is. The bytes are the page's own, or, where values are put together of others, made here.</summary>
internal ref struct BytesPage : IDisposable
{
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private byte[]? _made;

    private BytesPage(ReadOnlySpan<byte> bytes, int count)
    {
        Bytes = bytes;
        Count = count;
        _starts = ArrayPool<int>.Shared.Rent(count);
        _lengths = ArrayPool<int>.Shared.Rent(count);
    }

    public ReadOnlySpan<byte> Bytes { get; private set; }

    public int Count { get; }

    public readonly ReadOnlySpan<byte> this[int index] => Bytes.Slice(_starts[index], _lengths[index]);

    /// <summary>The bytes of all values together.</summary>
    public readonly long Total
    {
        get
        {
            long total = 0;
            foreach (int length in _lengths.AsSpan(0, Count))
            {
                total += length;
            }

            return total;
        }
    }

    /// <param name="width">Of values of one length, 0 of others.</param>
    /// <exception cref="ParquetException">There are more or fewer values, or the encoding is not one of byte arrays.</exception>
    public static BytesPage Read(ParquetEncoding encoding, ReadOnlySpan<byte> data, int count, int width, MemoryBudget budget)
    {
        var page = new BytesPage(data, count);
        try
        {
            switch (encoding)
            {
                case ParquetEncoding.Plain when width > 0: page.Fixed(width); break;
                case ParquetEncoding.Plain: page.Plain(); break;
                case ParquetEncoding.DeltaLengthByteArray when width == 0: page.DeltaLengths(); break;
                case ParquetEncoding.DeltaByteArray: page.Delta(width, budget); break;
                case ParquetEncoding.ByteStreamSplit when width > 0: page.Split(width); break;
                default: throw new ParquetException($"the page is encoded as {encoding}, which byte arrays are not");
            }
        }
        catch
        {
            page.Dispose();
            throw;
        }

        return page;
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_lengths);
        if (_made is not null)
        {
            ArrayPool<byte>.Shared.Return(_made);
            _made = null;
        }
    }

    private readonly void Fixed(int width)
    {
        if (Bytes.Length < (long)Count * width)
        {
            throw Ends(Count);
        }

        for (int i = 0; i < Count; i++)
        {
            (_starts[i], _lengths[i]) = (i * width, width);
        }
    }

    private readonly void Plain()
    {
        int at = 0;
        for (int i = 0; i < Count; i++)
        {
            if (Bytes.Length - at < 4)
            {
                throw Ends(Count);
            }

            int length = BinaryPrimitives.ReadInt32LittleEndian(Bytes[at..]);
            at += 4;
            if ((uint)length > (uint)(Bytes.Length - at))
            {
                throw new ParquetException($"a value of {length} bytes is longer than what is left of its page");
            }

            (_starts[i], _lengths[i]) = (at, length);
            at += length;
        }
    }

    private void DeltaLengths()
    {
        int at = DeltaReader.Read(Bytes, _lengths.AsSpan(0, Count));
        Bytes = Bytes[at..];
        Place(Count);
    }

    private readonly void Place(int count)
    {
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            if ((uint)_lengths[i] > (uint)(Bytes.Length - at))
            {
                throw new ParquetException($"a value of {_lengths[i]} bytes is longer than what is left of its page");
            }

            _starts[i] = at;
            at += _lengths[i];
        }
    }

    // How much each value shares with the one before, then what follows it.
    private void Delta(int width, MemoryBudget budget)
    {
        using var shared = new Pooled<int>(Count);
        int at = DeltaReader.Read(Bytes, shared.Span);
        Bytes = Bytes[at..];
        DeltaLengths();
        long total = Total;
        for (int i = 0; i < Count; i++)
        {
            total += Math.Max(0, shared.Span[i]);
        }

        budget.Take(total);
        _made = ArrayPool<byte>.Shared.Rent((int)Math.Min(total, Array.MaxLength));
        int to = 0;
        for (int i = 0; i < Count; i++)
        {
            int prefix = shared.Span[i], before = i == 0 ? 0 : _lengths[i - 1], start = to;
            if ((uint)prefix > (uint)before || _made.Length - to < prefix + _lengths[i])
            {
                throw new ParquetException($"a value shares {prefix} bytes with the one before, which has {before}");
            }

            if (prefix > 0)
            {
                _made.AsSpan(_starts[i - 1], prefix).CopyTo(_made.AsSpan(to));
            }

            Bytes.Slice(_starts[i], _lengths[i]).CopyTo(_made.AsSpan(to + prefix));
            to += prefix + _lengths[i];
            (_starts[i], _lengths[i]) = (start, to - start);
            if (width > 0 && to - start != width)
            {
                throw new ParquetException($"a value has {to - start} bytes where all have {width}");
            }
        }

        Bytes = _made;
    }

    private void Split(int width)
    {
        // As many bytes as the page has, or it is refused.
        if (Bytes.Length != (long)Count * width)
        {
            throw Ends(Count);
        }

        _made = ArrayPool<byte>.Shared.Rent(Bytes.Length);
        ByteStreamSplit.Read(Bytes, width, _made.AsSpan(0, Bytes.Length));
        Bytes = _made;
        Fixed(width);
    }

    private static ParquetException Ends(int count) => new($"the page ends before the {count} values that its header counts");
}
