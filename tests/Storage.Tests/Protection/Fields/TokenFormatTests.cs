using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Protection.Fields;

/// <summary>A token is opened with nothing but docs/protection.md, the master key's file and the two tables: none of the product's code that encrypts.</summary>
public sealed class TokenFormatTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_token_is_what_the_page_says_byte_by_byte(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a", 199.90m), Token);
        var token = await store.TokenAsync(visit.Id);
        Assert.Equal(1, token[0]);
        var keyId = new Guid(token.AsSpan(1, 16), bigEndian: true);

        var master = Convert.FromBase64String((await File.ReadAllTextAsync(Path.Combine(store.Folder, "master-key"), Token)).Trim());
        var wrapping = HKDF.Expand(HashAlgorithmName.SHA256, master, 32, Encoding.ASCII.GetBytes("CloudStore data key wrapping"));
        var wrapped = (byte[])(await store.SqlAsync("SELECT wrapped FROM data_keys WHERE id = @id", ("@id", keyId)))!;
        byte[] row = [.. Encoding.ASCII.GetBytes("CloudStore data key"), .. keyId.ToByteArray(true), 0, 0, 0, 0, 1, 0, 0, 0, 4, .. "acme"u8, 0, 0, 0, 0];
        var key = Decrypt(wrapping, wrapped.AsSpan(1), row);

        byte[] place = [1, .. Text("acme"), .. Text("visits"), .. Text("prices"), .. visit.Id.ToByteArray(true)];
        // Two values: 19990 with two decimals, 17990 with two; zeros up to 16.
        Assert.Equal([2, 0x24, 2, 0x16, 0x4E, 0x24, 2, 0x46, 0x46, 0, 0, 0, 0, 0, 0, 0], Decrypt(key, token.AsSpan(17), place));
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Decrypt(byte[] key, ReadOnlySpan<byte> sealedBytes, byte[] associated)
    {
        var plain = new byte[sealedBytes.Length - 28];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(sealedBytes[..12], sealedBytes[12..^16], sealedBytes[^16..], plain, associated);
        return plain;
    }
}
