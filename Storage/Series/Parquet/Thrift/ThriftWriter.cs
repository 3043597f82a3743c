using System.Text;

namespace CloudStore.Storage.Series.Parquet.Thrift;

/// <summary>Writes Thrift's compact protocol. Fields of a struct are written in the order of their numbers. For one thread.</summary>
internal sealed class ThriftWriter(ByteBuffer output)
{
    private readonly Stack<short> _outer = [];
    private short _last;

    public void I32(short id, int value)
    {
        Field(id, ThriftType.I32);
        Long(value);
    }

    public void I64(short id, long value)
    {
        Field(id, ThriftType.I64);
        Long(value);
    }

    public void I16(short id, short value)
    {
        Field(id, ThriftType.I16);
        Long(value);
    }

    public void Bool(short id, bool value) => Field(id, value ? ThriftType.True : ThriftType.False);

    public void Text(short id, string value) => Binary(id, Encoding.UTF8.GetBytes(value));

    public void Binary(short id, ReadOnlySpan<byte> value)
    {
        Field(id, ThriftType.Binary);
        Bytes(value);
    }

    public void BeginStruct(short id)
    {
        Field(id, ThriftType.Struct);
        BeginElement();
    }

    /// <summary>A struct that is the whole or an element of a list.</summary>
    public void BeginElement()
    {
        _outer.Push(_last);
        _last = 0;
    }

    public void EndStruct()
    {
        output.Byte((byte)ThriftType.Stop);
        _last = _outer.Pop();
    }

    public void BeginList(short id, ThriftType element, int count)
    {
        Field(id, ThriftType.List);
        if (count < 15)
        {
            output.Byte((byte)((count << 4) | (int)element));
        }
        else
        {
            output.Byte((byte)(0xF0 | (int)element));
            output.Varint((ulong)count);
        }
    }

    /// <summary>An element of a list of i32 or i64.</summary>
    public void Long(long value) => output.Varint((ulong)((value << 1) ^ (value >> 63)));

    public void ListedBool(bool value) => output.Byte(value ? (byte)1 : (byte)2);

    public void Bytes(ReadOnlySpan<byte> value)
    {
        output.Varint((ulong)value.Length);
        output.Write(value);
    }

    private void Field(short id, ThriftType type)
    {
        int step = id - _last;
        if (step is > 0 and <= 15)
        {
            output.Byte((byte)((step << 4) | (int)type));
        }
        else
        {
            output.Byte((byte)type);
            Long(id);
        }

        _last = id;
    }
}
