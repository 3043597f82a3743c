using System.Buffers.Text;
using System.Security.Cryptography;

namespace CloudStore.Storage.Access;

/// <summary>
/// The text of an access key: <c>cs_ID_SECRET</c>. ID is 4 to 32 letters, digits and hyphens and finds the key; SECRET is 32 random bytes in base64url
/// without padding (RFC 4648 section 5), 43 characters. A plain SHA-256 of the secret is enough to keep: 256 random bits cannot be guessed.
/// </summary>
public static class KeyText
{
    public const string Form = "cs_<id>_<secret>, where <id> is 4 to 32 letters, digits and hyphens and <secret> is 32 bytes in base64url (43 characters)";

    private const string Prefix = "cs_";
    private const string IdAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 12;
    private const int SecretBytes = 32;
    private const int SecretLength = 43;

    /// <summary>A new key: its id, what is kept of its secret, and the text that is shown once.</summary>
    public static (string Id, byte[] SecretHash, string Text) Create()
    {
        var id = RandomNumberGenerator.GetString(IdAlphabet, IdLength);
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        var text = $"{Prefix}{id}_{Base64Url.EncodeToString(secret)}";
        var hash = SHA256.HashData(secret);
        CryptographicOperations.ZeroMemory(secret);
        return (id, hash, text);
    }

    /// <summary>Takes a key's text apart without allocating.</summary>
    /// <param name="id">The key's id, a part of <paramref name="text"/>.</param>
    /// <param name="secretHash">Receives the 32 bytes of the secret's SHA-256.</param>
    public static bool TryRead(ReadOnlySpan<char> text, out ReadOnlySpan<char> id, Span<byte> secretHash)
    {
        id = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = text[Prefix.Length..];
        int end = rest.IndexOf('_');
        if (end is < 4 or > 32 || rest.Length != end + 1 + SecretLength || rest[..end].ContainsAnyExcept(IdCharacters))
        {
            return false;
        }

        Span<byte> secret = stackalloc byte[SecretBytes];
        if (Base64Url.DecodeFromChars(rest[(end + 1)..], secret, out _, out int written) != System.Buffers.OperationStatus.Done || written != SecretBytes)
        {
            return false;
        }

        id = rest[..end];
        SHA256.HashData(secret, secretHash);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> IdCharacters =
        System.Buffers.SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}
