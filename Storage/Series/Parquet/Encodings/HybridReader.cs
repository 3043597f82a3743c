using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>Reads numbers of up to 32 bits in runs of one value and runs of packed bits: the format's RLE / bit-packing hybrid. It never reads beyond its bytes.</summary>
/// <exception cref="ParquetException">Thrown by every method where the bytes end before the numbers, or a run is not as the format says.</exception>
internal ref struct HybridReader
{
    private const int Batch = 1024;
    private readonly int _width;
    private ReadOnlySpan<byte> _left;
    private ReadOnlySpan<byte> _packed;
    private int _count;
    private uint _value;
    private bool _isPacked;

    public HybridReader(ReadOnlySpan<byte> data, int width)
    {
        if (width is < 0 or > 32)
        {
            throw new ParquetException($"numbers of {width} bits are not of the format, which has 0 to 32");
        }

        _left = data;
        _width = width;
    }

    /// <summary>Reads numbers that are below <paramref name="limit"/>.</summary>
    public void Read(Span<int> target, int limit)
    {
        for (int done = 0; done < target.Length;)
        {
            int take = Take(target.Length - done);
            var part = MemoryMarshal.Cast<int, uint>(target.Slice(done, take));
            if (_isPacked)
            {
                Unpack(part);
                Check(part, limit);
            }
            else
            {
                Check(_value, limit);
                part.Fill(_value);
            }

            done += take;
        }
    }

    /// <summary>Reads indices and puts the dictionary's values in their place.</summary>
    [SkipLocalsInit]
    public void Read<T>(Span<T> target, ReadOnlySpan<T> dictionary)
        where T : unmanaged
    {
        Span<uint> indices = stackalloc uint[Batch];
        for (int done = 0; done < target.Length;)
        {
            int take = Take(Math.Min(Batch, target.Length - done));
            var part = target.Slice(done, take);
            if (_isPacked)
            {
                Unpack(indices[..take]);
                Check(indices[..take], dictionary.Length);
                ref T values = ref MemoryMarshal.GetReference(dictionary);
                for (int i = 0; i < part.Length; i++)
                {
                    part[i] = Unsafe.Add(ref values, indices[i]);
                }
            }
            else
            {
                Check(_value, dictionary.Length);
                // A run of one value, however long, is filled at once.
                take += Rest(target.Length - done - take);
                target.Slice(done, take).Fill(dictionary[(int)_value]);
            }

            done += take;
        }
    }

    /// <summary>Reads numbers of one bit into bits.</summary>
    /// <param name="words">Zeros, which become 1 where the number is.</param>
    /// <returns>How many are 1.</returns>
    public int ReadBits(ulong[] words, int count)
    {
        int ones = 0;
        for (int done = 0; done < count;)
        {
            int take = Take(count - done);
            if (!_isPacked)
            {
                ones += _value != 0 ? take : 0;
                Fill(words, done, _value != 0 ? take : 0);
                done += take;
                continue;
            }

            for (int i = 0; i < take; i += 64)
            {
                int bits = Math.Min(64, take - i);
                ulong word = Word(_packed[(i >> 3)..], bits);
                int at = (done + i) >> 6, shift = (done + i) & 63;
                words[at] |= word << shift;
                if (shift != 0 && shift + bits > 64)
                {
                    words[at + 1] |= word >> (64 - shift);
                }

                ones += BitOperations.PopCount(word);
            }

            Skip(take);
            done += take;
        }

        return ones;
    }

    public static void Fill(ulong[] words, int start, int count)
    {
        for (int end = start + count; start < end;)
        {
            int bit = start & 63, take = Math.Min(64 - bit, end - start);
            words[start >> 6] |= (take == 64 ? ulong.MaxValue : (1UL << take) - 1) << bit;
            start += take;
        }
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int bits)
    {
        ulong word = 0;
        int count = Math.Min(bytes.Length, (bits + 7) >> 3);
        for (int i = 0; i < count; i++)
        {
            word |= (ulong)bytes[i] << (8 * i);
        }

        return bits == 64 ? word : word & ((1UL << bits) - 1);
    }

    private void Unpack(scoped Span<uint> target)
    {
        BitPacking.Unpack(_packed, _width, target);
        Skip(target.Length);
    }

    // Packed runs are left in the middle only after whole groups of eight, or for good.
    private void Skip(int count) => _packed = _packed[(int)Math.Min(_packed.Length, BitPacking.ByteCount(count, _width))..];

    private int Rest(int wanted)
    {
        int take = Math.Min(wanted, _count);
        _count -= take;
        return take;
    }

    private int Take(int wanted)
    {
        if (_count == 0)
        {
            Next();
        }

        int take = Math.Min(wanted, _count);
        // What is not the end is a multiple of eight, so that what follows begins with a byte.
        if (_isPacked && take < _count && take >= 8)
        {
            take &= ~7;
        }

        _count -= take;
        return take;
    }

    private void Next()
    {
        uint header = Header();
        _isPacked = (header & 1) != 0;
        long count = header >> 1;
        if (_isPacked)
        {
            count *= 8;
            // The last group's unused bits may be left out.
            int bytes = (int)Math.Min(_left.Length, BitPacking.ByteCount(count, _width));
            _packed = _left[..bytes];
            _left = _left[bytes..];
            count = _width == 0 ? count : Math.Min(count, (long)bytes * 8 / _width);
        }
        else
        {
            int bytes = (_width + 7) >> 3;
            if (_left.Length < bytes)
            {
                throw Ends();
            }

            _value = 0;
            for (int i = 0; i < bytes; i++)
            {
                _value |= (uint)_left[i] << (8 * i);
            }

            if (_width < 32 && _value >> _width != 0)
            {
                throw new ParquetException($"a run has the value {_value}, which is more than {_width} bits");
            }

            _left = _left[bytes..];
        }

        _count = count is > 0 and <= int.MaxValue ? (int)count : throw (count == 0 ? Ends() : new ParquetException($"a run of {count} values is longer than a page"));
    }

    private uint Header()
    {
        ulong header = 0;
        for (int i = 0; i < 5 && i < _left.Length; i++)
        {
            header |= (ulong)(_left[i] & 0x7F) << (7 * i);
            if (_left[i] < 0x80)
            {
                _left = _left[(i + 1)..];
                return header <= uint.MaxValue ? (uint)header : throw new ParquetException("a run's header is more than 32 bits");
            }
        }

        throw Ends();
    }

    private static void Check(ReadOnlySpan<uint> indices, int limit)
    {
        uint most = 0;
        if (indices.Length >= Vector<uint>.Count)
        {
            var mosts = Vector<uint>.Zero;
            for (int i = 0; i <= indices.Length - Vector<uint>.Count; i += Vector<uint>.Count)
            {
                mosts = Vector.Max(mosts, new Vector<uint>(indices[i..]));
            }

            mosts = Vector.Max(mosts, new Vector<uint>(indices[^Vector<uint>.Count..]));
            for (int i = 0; i < Vector<uint>.Count; i++)
            {
                most = Math.Max(most, mosts[i]);
            }
        }
        else
        {
            foreach (uint index in indices)
            {
                most = Math.Max(most, index);
            }
        }

        Check(most, limit);
    }

    private static void Check(uint number, int limit)
    {
        if (number >= (uint)limit)
        {
            throw new ParquetException($"the number {number} is out of range: {limit} are possible");
        }
    }

    private static ParquetException Ends() => new("the page has fewer values or levels than its header counts");
}
