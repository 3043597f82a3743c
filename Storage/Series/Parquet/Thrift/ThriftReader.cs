using System.Text;

namespace CloudStore.Storage.Series.Parquet.Thrift;

/// <summary>
/// Reads Thrift's compact protocol (thrift-compact-protocol.md of Apache Thrift) out of bytes that may be anything: it stays inside them, nests at most <see cref="MaxDepth"/> deep, and makes
/// nothing larger than the bytes that are there.
/// </summary>
/// <exception cref="ParquetException">Thrown by every method where the bytes are not as the protocol says.</exception>
internal ref struct ThriftReader(ReadOnlySpan<byte> data)
{
    private const int MaxDepth = 32;
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;

    /// <summary>How many bytes were read.</summary>
    public readonly int Position => _at;

    /// <summary>The next field of a struct.</summary>
    /// <param name="id">The field before; 0 at the struct's beginning.</param>
    /// <returns>False at the struct's end.</returns>
    public bool Field(ref short id, out ThriftType type)
    {
        byte header = Byte();
        type = (ThriftType)(header & 0xF);
        if (type == ThriftType.Stop)
        {
            return false;
        }

        if (type > ThriftType.Uuid)
        {
            throw new ParquetException($"the metadata has a field of type {header & 0xF}, which Thrift does not have");
        }

        int next = header >> 4 != 0 ? id + (header >> 4) : ZigZag32(Varint());
        if (next is <= 0 or > short.MaxValue)
        {
            throw new ParquetException($"the metadata has a field of number {next}");
        }

        id = (short)next;
        return true;
    }

    public static void Require(ThriftType type, ThriftType wanted)
    {
        if (type != wanted)
        {
            throw new ParquetException($"the metadata has a field of type {type} where the format says {wanted}");
        }
    }

    public int I32(ThriftType type)
    {
        Require(type, ThriftType.I32);
        return Int();
    }

    public long I64(ThriftType type)
    {
        Require(type, ThriftType.I64);
        return Long();
    }

    public sbyte I8(ThriftType type)
    {
        Require(type, ThriftType.I8);
        return (sbyte)Byte();
    }

    public static bool Bool(ThriftType type) =>
        type is ThriftType.True or ThriftType.False ? type == ThriftType.True : throw new ParquetException($"the metadata has a field of type {type} where the format says bool");

    public byte[] Binary(ThriftType type)
    {
        Require(type, ThriftType.Binary);
        return Bytes().ToArray();
    }

    public string Text(ThriftType type)
    {
        Require(type, ThriftType.Binary);
        return Encoding.UTF8.GetString(Bytes());
    }

    /// <summary>The header of a list of <paramref name="wanted"/>.</summary>
    /// <returns>How many elements follow: no more than there are bytes left.</returns>
    public int List(ThriftType type, ThriftType wanted)
    {
        Require(type, ThriftType.List);
        int count = ListHeader(out var element);
        bool isBool = element is ThriftType.True or ThriftType.False && wanted == ThriftType.True;
        if (count > 0 && element != wanted && !isBool)
        {
            throw new ParquetException($"the metadata has a list of {element} where the format says {wanted}");
        }

        return count;
    }

    /// <summary>An element of a list of i32, i64, binary or bool.</summary>
    public int Int() => ZigZag32(Varint());

    public long Long()
    {
        ulong raw = Varint();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    public bool ListedBool() => Byte() == 1;

    public ReadOnlySpan<byte> Bytes()
    {
        ulong length = Varint();
        if (length > (ulong)(_data.Length - _at))
        {
            throw Ends();
        }

        var bytes = _data.Slice(_at, (int)length);
        _at += (int)length;
        return bytes;
    }

    public void Skip(ThriftType type) => Skip(type, 0);

    private void Skip(ThriftType type, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ParquetException($"the metadata nests more than {MaxDepth} deep");
        }

        switch (type)
        {
            case ThriftType.True or ThriftType.False: break;
            case ThriftType.I8: Move(1); break;
            case ThriftType.I16 or ThriftType.I32 or ThriftType.I64: Varint(); break;
            case ThriftType.Double: Move(8); break;
            case ThriftType.Uuid: Move(16); break;
            case ThriftType.Binary: Bytes(); break;
            case ThriftType.List or ThriftType.Set: SkipList(depth); break;
            case ThriftType.Map: SkipMap(depth); break;
            default:
                short id = 0;
                while (Field(ref id, out var inner))
                {
                    Skip(inner, depth + 1);
                }

                break;
        }
    }

    private void SkipList(int depth)
    {
        int count = ListHeader(out var element);
        for (int i = 0; i < count; i++)
        {
            SkipElement(element, depth);
        }
    }

    private void SkipMap(int depth)
    {
        ulong count = Varint();
        if (count == 0)
        {
            return;
        }

        byte types = Byte();
        Count(count);
        for (ulong i = 0; i < count; i++)
        {
            SkipElement((ThriftType)(types >> 4), depth);
            SkipElement((ThriftType)(types & 0xF), depth);
        }
    }

    // An element that is a bool has a byte of its own; a field's is in its header.
    private void SkipElement(ThriftType type, int depth)
    {
        if (type is ThriftType.True or ThriftType.False)
        {
            Move(1);
        }
        else if (type is ThriftType.Stop or > ThriftType.Uuid)
        {
            throw new ParquetException($"the metadata has elements of type {(int)type}, which Thrift does not have");
        }
        else
        {
            Skip(type, depth + 1);
        }
    }

    private int ListHeader(out ThriftType element)
    {
        byte header = Byte();
        element = (ThriftType)(header & 0xF);
        return Count(header >> 4 == 15 ? Varint() : (ulong)(header >> 4));
    }

    // Every element takes a byte at least.
    private readonly int Count(ulong count) => count <= (ulong)(_data.Length - _at) ? (int)count : throw new ParquetException($"the metadata has a list of {count} elements in {_data.Length - _at} bytes");

    private void Move(int count)
    {
        if (count > _data.Length - _at)
        {
            throw Ends();
        }

        _at += count;
    }

    private byte Byte() => _at < _data.Length ? _data[_at++] : throw Ends();

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new ParquetException("the metadata has a number of more than ten bytes");
    }

    private static int ZigZag32(ulong raw)
    {
        long value = (long)(raw >> 1) ^ -(long)(raw & 1);
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new ParquetException($"the metadata has {value} where the format says i32");
    }

    private static ParquetException Ends() => new("the metadata ends in the middle of a value");
}
