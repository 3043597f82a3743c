using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using CloudStore.Storage.Protection.Keys;

namespace CloudStore.Storage.Files;

/// <summary>What a link leads to, or did until it expired.</summary>
public sealed record LinkedFile(string Tenant, Guid File, DateTime ExpiresAt);

/// <summary>
/// Links that let whoever has them read one file until they expire. A link is <c>data key's id (16) | file's id (16) | expiry, Unix seconds (8)</c> and HMAC-SHA-256 of that, base64url; the
/// key is derived from the tenant's data key. Destroying that key, deleting the file or its expiry end all its links.
/// </summary>
public sealed class FileLinks(KeyRing ring)
{
    private const int PayloadBytes = 40, MacBytes = 32;

    /// <summary>The link's text, for a file that the caller may read.</summary>
    public string Make(string tenant, Guid file, DateTime expiresAt)
    {
        var link = new byte[PayloadBytes + MacBytes];
        while (true)
        {
            var key = ring.Current(tenant);
            key.Id.TryWriteBytes(link, bigEndian: true, out _);
            file.TryWriteBytes(link.AsSpan(16), bigEndian: true, out _);
            BinaryPrimitives.WriteInt64BigEndian(link.AsSpan(32), new DateTimeOffset(expiresAt).ToUnixTimeSeconds());
            if (TrySign(key, link.AsSpan(0, PayloadBytes), link.AsSpan(PayloadBytes)))
            {
                return Base64Url.EncodeToString(link);
            }
        }
    }

    /// <summary>True where reading the link asks the database nothing.</summary>
    public bool IsQuick(string text)
    {
        Span<byte> link = stackalloc byte[PayloadBytes + MacBytes];
        return !TryDecode(text, link) || ring.IsHere(new Guid(link[..16], bigEndian: true));
    }

    /// <summary>What a link leads to. Whether it has expired is <see cref="LinkedFile.ExpiresAt"/>.</summary>
    /// <returns>Null where it was never made, or was changed.</returns>
    public LinkedFile? Read(string text)
    {
        Span<byte> link = stackalloc byte[PayloadBytes + MacBytes], mac = stackalloc byte[MacBytes];
        if (!TryDecode(text, link) || ring.Find(new Guid(link[..16], bigEndian: true)).Key is not { } key || !TrySign(key, link[..PayloadBytes], mac) || !CryptographicOperations.FixedTimeEquals(mac, link[PayloadBytes..]))
        {
            return null;
        }

        long expires = BinaryPrimitives.ReadInt64BigEndian(link[32..]);
        return new LinkedFile(key.Tenant, new Guid(link.Slice(16, 16), bigEndian: true), DateTimeOffset.FromUnixTimeSeconds(expires).UtcDateTime);
    }

    private static bool TryDecode(string text, Span<byte> link) =>
        text.Length == Base64Url.GetEncodedLength(link.Length) && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, link, out int bytes) && bytes == link.Length;

    private static bool TrySign(OpenKey key, ReadOnlySpan<byte> payload, Span<byte> mac)
    {
        Span<byte> signing = stackalloc byte[32];
        if (!key.Derive("CloudStore file links"u8, signing))
        {
            return false;
        }

        HMACSHA256.HashData(signing, payload, mac);
        CryptographicOperations.ZeroMemory(signing);
        return true;
    }
}
