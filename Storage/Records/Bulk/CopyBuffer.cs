using System.Buffers.Binary;
using System.Text;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// Rows in the binary format of Postgres's COPY (documentation, "COPY", section "Binary Format"; values as the types' receive functions take them): all
/// numbers in network order, each field behind its length in bytes. One buffer serves all rows; the caller empties it.
/// </summary>
internal sealed class CopyBuffer
{
    /// <summary>Bytes after which a sender empties the buffer.</summary>
    public const int FlushAt = 256 * 1024;

    private const int NullLength = -1;
    private const short Trailer = -1;
    private const byte JsonbVersion = 1;

    // Throws on half of a surrogate pair: the text would not be what the caller gave.
    private static readonly UTF8Encoding Utf8 = new(false, true);
    private static readonly long EpochTicks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private byte[] _bytes = new byte[FlushAt + 64 * 1024];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Signature, flags (none) and the length of the header's extension (none).</summary>
    public void Header()
    {
        ReadOnlySpan<byte> header = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header.CopyTo(Take(header.Length));
    }

    public void End() => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), Trailer);

    public void StartRow(short fields) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), fields);

    public void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), NullLength);

    public void Boolean(bool value) => Field(1)[0] = value ? (byte)1 : (byte)0;

    public void Integer(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(sizeof(int)), value);

    public void BigInt(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(sizeof(long)), value);

    public void DoublePrecision(double value) => BinaryPrimitives.WriteDoubleBigEndian(Field(sizeof(double)), value);

    public void Uuid(Guid value) => value.TryWriteBytes(Field(16), bigEndian: true, out _);

    public void Bytea(byte[] value) => value.CopyTo(Field(value.Length));

    /// <summary>Microseconds since 2000-01-01; the first and the last instant of .NET stand for the infinities, as in Npgsql.</summary>
    /// <exception cref="ArgumentException">The value is not UTC.</exception>
    public void TimestampTz(DateTime value)
    {
        if (value.Kind != DateTimeKind.Utc && value != DateTime.MinValue && value != DateTime.MaxValue)
        {
            throw new ArgumentException($"An instant of kind {value.Kind} cannot be kept: instants are UTC.", nameof(value));
        }

        long microseconds = value == DateTime.MaxValue ? long.MaxValue
            : value == DateTime.MinValue ? long.MinValue
            : (value.Ticks - EpochTicks) / TimeSpan.TicksPerMicrosecond;
        BigInt(microseconds);
    }

    public void Numeric(decimal value)
    {
        Reserve(sizeof(int) + CopyNumeric.MostBytes);
        int length = CopyNumeric.Write(_bytes.AsSpan(_length + sizeof(int)), value);
        SetLength(length);
    }

    public void Text(string value)
    {
        Reserve(sizeof(int) + Utf8.GetMaxByteCount(value.Length));
        SetLength(Utf8.GetBytes(value, _bytes.AsSpan(_length + sizeof(int))));
    }

    public void Jsonb(string value)
    {
        Reserve(sizeof(int) + 1 + Utf8.GetMaxByteCount(value.Length));
        _bytes[_length + sizeof(int)] = JsonbVersion;
        SetLength(1 + Utf8.GetBytes(value, _bytes.AsSpan(_length + sizeof(int) + 1)));
    }

    private void SetLength(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_length), length);
        _length += sizeof(int) + length;
    }

    private Span<byte> Field(int length)
    {
        var field = Take(sizeof(int) + length);
        BinaryPrimitives.WriteInt32BigEndian(field, length);
        return field[sizeof(int)..];
    }

    private Span<byte> Take(int length)
    {
        Reserve(length);
        var taken = _bytes.AsSpan(_length, length);
        _length += length;
        return taken;
    }

    private void Reserve(int more)
    {
        if (more > _bytes.Length - _length)
        {
            Array.Resize(ref _bytes, checked((int)Math.Min(Math.Max(2L * _bytes.Length, (long)_length + more), Array.MaxLength)));
        }
    }
}
