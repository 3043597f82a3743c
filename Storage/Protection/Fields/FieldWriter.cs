using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// Encodes the values that share a token. Each value is a byte with its kind in the low four bits and, for numbers, how many bytes follow in the high four; what follows is
/// little-endian. The first byte of all counts the values, and zeros fill up to a multiple of 16, so that a token's length tells no more than that. docs/protection.md has the table.
/// </summary>
public sealed class FieldWriter
{
    internal const int Block = 16;
    private byte[] _bytes = new byte[256];
    private int _length;

    internal void Start(int values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values, byte.MaxValue);
        _bytes[0] = (byte)values;
        _length = 1;
    }

    /// <summary>The encoded values, with what fills them up; valid until the next start.</summary>
    internal ReadOnlySpan<byte> Finish()
    {
        int padded = (_length + Block - 1) / Block * Block;
        Take(padded - _length).Clear();
        return _bytes.AsSpan(0, padded);
    }

    internal void Clear() => _bytes.AsSpan(0, _length).Clear();

    internal void Null() => Take(1)[0] = (byte)FieldKind.Null;

    internal void Write(bool value) => Take(1)[0] = (byte)(value ? FieldKind.True : FieldKind.False);

    internal void Write(int value) => Write((long)value);

    internal void Write(long value)
    {
        ulong zigzag = (ulong)(value << 1) ^ (ulong)(value >> 63);
        int count = Count(zigzag);
        Reserve(9);
        _bytes[_length] = (byte)((int)FieldKind.Integer | count << 4);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length + 1), zigzag);
        _length += 1 + count;
    }

    internal void Write(double value)
    {
        var field = Take(9);
        field[0] = (byte)FieldKind.Double;
        BinaryPrimitives.WriteDoubleLittleEndian(field[1..], value);
    }

    // The scale with the sign in its highest bit, then as many bytes of the 96-bit number as are not zero.
    internal void Write(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        ulong low = (uint)parts[0] | (ulong)(uint)parts[1] << 32;
        int count = parts[2] == 0 ? Count(low) : 8 + Count((uint)parts[2]);
        Reserve(14 + sizeof(uint));
        _bytes[_length] = (byte)((int)FieldKind.Decimal | count << 4);
        _bytes[_length + 1] = (byte)(parts[3] >> 16 & 0x1F | parts[3] >> 24 & 0x80);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length + 2), low);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length + 10), parts[2]);
        _length += 2 + count;
    }

    internal void Write(DateTime value)
    {
        var field = Take(9);
        field[0] = (byte)((int)FieldKind.Instant | (int)value.Kind << 4);
        BinaryPrimitives.WriteInt64LittleEndian(field[1..], value.Ticks);
    }

    internal void Write(Guid value)
    {
        var field = Take(17);
        field[0] = (byte)FieldKind.Uuid;
        value.TryWriteBytes(field[1..], bigEndian: true, out _);
    }

    internal void Write(string value) => Text(FieldKind.Text, value);

    internal void Write(byte[] value)
    {
        var field = Take(5 + value.Length);
        field[0] = (byte)FieldKind.Bytes;
        BinaryPrimitives.WriteInt32LittleEndian(field[1..], value.Length);
        value.CopyTo(field[5..]);
    }

    /// <summary>A value of any kind that has an encoding; an int stays an int, and JSON keeps its digits.</summary>
    internal void Any(object? value)
    {
        switch (value)
        {
            case null: Null(); break;
            case string v: Write(v); break;
            case bool v: Write(v); break;
            case int v:
                var field = Take(5);
                field[0] = (byte)FieldKind.Int32;
                BinaryPrimitives.WriteInt32LittleEndian(field[1..], v);
                break;
            case long v: Write(v); break;
            case decimal v: Write(v); break;
            case double v: Write(v); break;
            case DateTime v: Write(v); break;
            case Guid v: Write(v); break;
            case byte[] v: Write(v); break;
            case JsonNode v: Text(FieldKind.Json, v.ToJsonString(Relaxed)); break;
            default: throw new NotSupportedException($"A {value.GetType().Name} has no encoding.");
        }
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private void Text(FieldKind kind, string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        var field = Take(5 + length);
        field[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(field[1..], length);
        Encoding.UTF8.GetBytes(value, field[5..]);
    }

    private static int Count(ulong value) => (64 - BitOperations.LeadingZeroCount(value) + 7) / 8;

    private Span<byte> Take(int count)
    {
        Reserve(count);
        var taken = _bytes.AsSpan(_length, count);
        _length += count;
        return taken;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            var before = _bytes;
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
            before.AsSpan().Clear();
        }
    }
}
