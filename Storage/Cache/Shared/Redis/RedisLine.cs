using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// A line of the log in Redis: eight bytes of the process that wrote it (0: all hear it), then the mark: one byte for the kind, two for the length of the
/// tenant's name, the tenant, the name. The mark alone is the field under which Redis keeps the position of the last such line.
/// </summary>
internal static class RedisLine
{
    private const int Origin = 8;
    private const int Kind = 3;

    public static byte[] Write(Invalidation what, long origin)
    {
        var bytes = new byte[Origin + Kind + Encoding.UTF8.GetByteCount(what.Tenant) + Encoding.UTF8.GetByteCount(what.Name)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, origin);
        bytes[Origin] = (byte)what.Kind;
        int tenant = Encoding.UTF8.GetBytes(what.Tenant, bytes.AsSpan(Origin + Kind));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Origin + 1), checked((ushort)tenant));
        Encoding.UTF8.GetBytes(what.Name, bytes.AsSpan(Origin + Kind + tenant));
        return bytes;
    }

    public static byte[] Mark(InvalidationKind kind, string tenant, string name) => Write(new(kind, tenant, name), 0)[Origin..];

    public static LogLine Read(byte[] line, long position) =>
        new(position, BinaryPrimitives.ReadInt64BigEndian(line), ReadMark(line.AsSpan(Origin)));

    public static Invalidation ReadMark(ReadOnlySpan<byte> mark)
    {
        int tenant = BinaryPrimitives.ReadUInt16BigEndian(mark[1..]);
        return new((InvalidationKind)mark[0], Encoding.UTF8.GetString(mark.Slice(Kind, tenant)), Encoding.UTF8.GetString(mark[(Kind + tenant)..]));
    }

    /// <summary>Reads <c>generation:sequence</c>, as the script keeps positions.</summary>
    public static long ReadPosition(string? text)
    {
        if (text is null)
        {
            return 0;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return Positions.Of(long.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture), long.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    public static string WritePosition(long position) => string.Create(CultureInfo.InvariantCulture, $"{Positions.Generation(position)}:{Positions.Sequence(position)}");
}
