using System.Buffers.Binary;
using System.Text;
using CloudStore.Storage.Files.Compression;

namespace CloudStore.Storage.Files.Frames;

/// <summary>
/// What a content is; it cannot be decrypted as anything else. In bytes: <c>"cloudstore.file/1" 00 | tenant's length (2) | tenant, UTF-8 | file's id (16) | version (4) | codec (1)</c>,
/// numbers big-endian.
/// </summary>
/// <param name="Tenant">Whose file.</param>
/// <param name="File">Which.</param>
/// <param name="Version">1 for its first content.</param>
public sealed record FileContext(string Tenant, Guid File, int Version = 1)
{
    public byte[] Bytes(FileCodec codec)
    {
        ReadOnlySpan<byte> label = "cloudstore.file/1\0"u8;
        int tenant = Encoding.UTF8.GetByteCount(Tenant);
        var bytes = new byte[label.Length + 2 + tenant + 16 + 4 + 1];
        label.CopyTo(bytes);
        var rest = bytes.AsSpan(label.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)tenant));
        Encoding.UTF8.GetBytes(Tenant, rest[2..]);
        rest = rest[(2 + tenant)..];
        File.TryWriteBytes(rest, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(rest[16..], Version);
        rest[20] = (byte)codec;
        return bytes;
    }
}
