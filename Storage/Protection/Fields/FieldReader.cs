using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// Decodes what <see cref="FieldWriter"/> wrote. Values that were not there when the token was written, because the record has more fields by now, are null or zero. Any
/// other difference is a <see cref="FormatException"/>.
/// </summary>
public sealed class FieldReader
{
    private byte[] _bytes = new byte[256];
    private int _length;
    private int _at;
    private int _left;

    /// <summary>Room for that many bytes of encoded values, which the caller fills before <see cref="Start"/>.</summary>
    internal Span<byte> Room(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = new byte[Math.Max(length, _bytes.Length * 2)];
        }

        _length = length;
        return _bytes.AsSpan(0, length);
    }

    /// <summary>The bytes in the room.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <param name="most">Values the caller knows of.</param>
    internal void Start(int most)
    {
        if (_length == 0 || _bytes[0] > most)
        {
            throw new FormatException(_length == 0 ? "There are no values." : $"There are {_bytes[0]} values where {most} are known; a newer version of the service wrote them.");
        }

        _left = _bytes[0];
        _at = 1;
    }

    internal void Clear() => _bytes.AsSpan(0, _length).Clear();

    internal bool Boolean() => NullableBoolean().GetValueOrDefault();

    internal int Int32() => checked((int)Int64());

    internal long Int64() => NullableInt64().GetValueOrDefault();

    internal decimal Decimal() => NullableDecimal().GetValueOrDefault();

    internal double Double() => NullableDouble().GetValueOrDefault();

    internal DateTime DateTime() => NullableDateTime().GetValueOrDefault();

    internal Guid Guid() => NullableGuid().GetValueOrDefault();

    internal int? NullableInt32() => NullableInt64() is { } value ? checked((int)value) : null;

    internal bool? NullableBoolean() => Next(FieldKind.True, FieldKind.False) is { } head ? (FieldKind)(head & 0xF) == FieldKind.True : null;

    internal long? NullableInt64()
    {
        if (Next(FieldKind.Integer) is not { } head)
        {
            return null;
        }

        ulong zigzag = Number(Take(head >> 4));
        return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    internal decimal? NullableDecimal()
    {
        if (Next(FieldKind.Decimal) is not { } head)
        {
            return null;
        }

        byte scale = Take(1)[0];
        var number = Take(head >> 4);
        ulong low = Number(number[..Math.Min(8, number.Length)]);
        uint high = number.Length > 8 ? (uint)Number(number[8..]) : 0;
        return (scale & 0x7F) <= 28 ? new decimal((int)low, (int)(low >> 32), (int)high, scale >= 0x80, (byte)(scale & 0x7F)) : throw Garbled();
    }

    internal double? NullableDouble() => Next(FieldKind.Double) is null ? null : BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    internal DateTime? NullableDateTime()
    {
        if (Next(FieldKind.Instant) is not { } head)
        {
            return null;
        }

        long ticks = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
        return ticks >= 0 && ticks <= System.DateTime.MaxValue.Ticks && head >> 4 <= 2 ? new DateTime(ticks, (DateTimeKind)(head >> 4)) : throw Garbled();
    }

    internal Guid? NullableGuid() => Next(FieldKind.Uuid) is null ? null : new Guid(Take(16), bigEndian: true);

    internal string? String() => Next(FieldKind.Text) is null ? null : Encoding.UTF8.GetString(Take(Length()));

    internal byte[]? Binary() => Next(FieldKind.Bytes) is null ? null : Take(Length()).ToArray();

    /// <summary>A value that <see cref="FieldWriter.Any"/> wrote.</summary>
    internal object? Any()
    {
        if (_left == 0 || _at >= _length)
        {
            throw Garbled();
        }

        return (FieldKind)(_bytes[_at] & 0xF) switch
        {
            FieldKind.Null => null,
            FieldKind.False or FieldKind.True => NullableBoolean(),
            FieldKind.Integer => NullableInt64(),
            FieldKind.Int32 when Next(FieldKind.Int32) is not null => BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
            FieldKind.Decimal => NullableDecimal(),
            FieldKind.Double => NullableDouble(),
            FieldKind.Instant => NullableDateTime(),
            FieldKind.Uuid => NullableGuid(),
            FieldKind.Text => String(),
            FieldKind.Bytes => Binary(),
            FieldKind.Json when Next(FieldKind.Json) is not null => JsonNode.Parse(Take(Length())),
            _ => throw Garbled(),
        };
    }

    private int? Next(FieldKind kind, FieldKind other = FieldKind.Null)
    {
        if (_left == 0)
        {
            return null;
        }

        _left--;
        int head = Take(1)[0];
        var found = (FieldKind)(head & 0xF);
        return found == FieldKind.Null ? null
            : found == kind || found == other ? head
            : throw new FormatException($"There is a value of kind {found} where {kind} is expected; the order of the encrypted fields was changed.");
    }

    private int Length() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
        {
            throw Garbled();
        }

        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = value << 8 | bytes[i];
        }

        return value;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _length - _at)
        {
            throw Garbled();
        }

        var taken = _bytes.AsSpan(_at, count);
        _at += count;
        return taken;
    }

    private static FormatException Garbled() => new("The values are not encoded as they should be.");
}
