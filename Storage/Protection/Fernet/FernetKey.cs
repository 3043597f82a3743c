using System.Security.Cryptography;
using System.Text;

namespace CloudStore.Storage.Protection.Fernet;

/// <summary>
/// A Fernet key (github.com/fernet/spec): 128 bits that sign and 128 bits that encrypt, written as base64url. Its text is a secret, so
/// <see cref="ToString"/> does not give it; <see cref="Export"/> does.
/// </summary>
public sealed class FernetKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 32;

    /// <summary>What OWASP and Python's cryptography documentation advise for PBKDF2-HMAC-SHA256 today.</summary>
    public const int DefaultIterations = 1_200_000;

    /// <summary>Fewer take a common machine less than a millisecond to try.</summary>
    public const int FewestIterations = 1_000;

    /// <summary>More keep the start of a process waiting for minutes.</summary>
    public const int MostIterations = 20_000_000;

    private readonly byte[] _key;

    private FernetKey(byte[] key) => _key = key;

    internal ReadOnlySpan<byte> Signing => _key.AsSpan(0, 16);

    internal ReadOnlySpan<byte> Encryption => _key.AsSpan(16);

    /// <summary>A new random key.</summary>
    public static FernetKey Generate() => new(RandomNumberGenerator.GetBytes(Size));

    /// <param name="text">44 characters of base64url, as <see cref="Export"/> and Python's <c>Fernet.generate_key</c> write them; the padding may be absent.</param>
    /// <exception cref="FormatException">It is no key; the message does not repeat the text.</exception>
    public static FernetKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var key = new byte[Size];
        return FernetText.TryDecode(Encoding.UTF8.GetBytes(text.Trim()), key, out int length) && length == Size
            ? new FernetKey(key)
            : throw new FormatException($"A Fernet key is {Size} bytes as base64url, which are 44 characters; this text of {text.Length} characters is none.");
    }

    /// <summary>The key that PBKDF2-HMAC-SHA256 (RFC 8018) makes from a passphrase, as Python's documentation of Fernet does.</summary>
    /// <param name="passphrase">Taken as UTF-8.</param>
    /// <param name="salt">8 bytes or more, the same for each side; it need not be secret.</param>
    /// <param name="iterations">1,000 to 20,000,000; <see cref="DefaultIterations"/> unless the other side uses another number.</param>
    /// <exception cref="ArgumentException">The passphrase is empty, the salt too short or the iterations out of range.</exception>
    public static FernetKey FromPassphrase(string passphrase, ReadOnlySpan<byte> salt, int iterations = DefaultIterations)
    {
        ArgumentException.ThrowIfNullOrEmpty(passphrase);
        if (salt.Length < 8)
        {
            throw new ArgumentException($"The salt has {salt.Length} bytes; it must have 8 or more.", nameof(salt));
        }

        if (iterations is < FewestIterations or > MostIterations)
        {
            throw new ArgumentException($"The iterations are from {FewestIterations} to {MostIterations}, not {iterations}.", nameof(iterations));
        }

        return new FernetKey(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), salt, iterations, HashAlgorithmName.SHA256, Size));
    }

    /// <summary>The key's text, a secret.</summary>
    public string Export() => FernetText.Encode(_key);

    /// <inheritdoc/>
    public override string ToString() => "a Fernet key";
}
