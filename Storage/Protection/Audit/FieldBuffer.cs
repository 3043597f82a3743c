using System.Buffers.Binary;
using System.Text;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Values in a form that is the same on every database and machine: a byte for the kind, then the value, big-endian, texts and bytes behind their length. Two
/// different lists of values never have the same bytes.
/// </summary>
internal sealed class FieldBuffer
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Null() => Take(1)[0] = 0;

    public void Text(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        var room = Reserve(5 + Encoding.UTF8.GetMaxByteCount(value.Length));
        int length = Encoding.UTF8.GetBytes(value, room[5..]);
        room[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], length);
        Length += 5 + length;
    }

    public void Bytes(byte[]? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        var room = Take(5 + value.Length);
        room[0] = 2;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], value.Length);
        value.CopyTo(room[5..]);
    }

    public void Uuid(Guid value)
    {
        var room = Take(17);
        room[0] = 3;
        value.TryWriteBytes(room[1..], bigEndian: true, out _);
    }

    /// <summary>An instant, in microseconds since year 1: what both databases keep of it.</summary>
    public void Instant(DateTime value) => Int64(4, value.Ticks / TimeSpan.TicksPerMicrosecond);

    public void Whole(long value) => Int64(5, value);

    public void Double(double value) => Int64(6, BitConverter.DoubleToInt64Bits(value));

    public void Boolean(bool value)
    {
        var room = Take(2);
        room[0] = 7;
        room[1] = value ? (byte)1 : (byte)0;
    }

    /// <summary>Without the zeros at the end: 1.50 and 1.5 are one value.</summary>
    public void Decimal(decimal value)
    {
        value = Shorten(value);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var room = Take(17);
        room[0] = 8;
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(room[(1 + 4 * i)..], bits[3 - i]);
        }
    }

    private static decimal Shorten(decimal value)
    {
        if (value == 0)
        {
            return 0;
        }

        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        int scale = (bits[3] >> 16) & 0xFF;
        if (scale == 0)
        {
            return value;
        }

        if (bits[2] != 0)
        {
            // Division gives a quotient without zeros at its end; rare enough to take the time.
            return value / 1.0000000000000000000000000000m;
        }

        ulong digits = (uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        while (scale > 0 && digits % 10 == 0)
        {
            digits /= 10;
            scale--;
        }

        return new decimal((int)digits, (int)(digits >> 32), 0, value < 0, (byte)scale);
    }

    private void Int64(byte kind, long value)
    {
        var room = Take(9);
        room[0] = kind;
        BinaryPrimitives.WriteInt64BigEndian(room[1..], value);
    }

    private Span<byte> Take(int count)
    {
        var room = Reserve(count);
        Length += count;
        return room[..count];
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        return _bytes.AsSpan(Length);
    }
}
