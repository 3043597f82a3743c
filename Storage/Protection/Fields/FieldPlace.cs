using System.Buffers.Binary;
using System.Text;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// A column of a tenant's table. A token's associated data is <c>version | tenant | table | column | row id(16)</c>, each text as two bytes of length (big-endian) and
/// UTF-8: a token that is moved to any other place does not decrypt.
/// </summary>
public sealed class FieldPlace
{
    private readonly byte[] _associated;

    public FieldPlace(string tenant, string table, string column)
    {
        (Tenant, Table, Column) = (tenant, table, column);
        using var bytes = new MemoryStream();
        bytes.WriteByte(FieldToken.Version);
        Span<byte> length = stackalloc byte[2];
        foreach (var text in (string[])[tenant, table, column])
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)utf8.Length));
            bytes.Write(length);
            bytes.Write(utf8);
        }

        bytes.Write(new byte[16]);
        _associated = bytes.ToArray();
    }

    public string Tenant { get; }

    public string Table { get; }

    public string Column { get; }

    internal int AssociatedBytes => _associated.Length;

    internal void Associated(Guid row, Span<byte> into)
    {
        _associated.CopyTo(into);
        row.TryWriteBytes(into[^16..], bigEndian: true, out _);
    }
}
