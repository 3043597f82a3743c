using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// A master key whose bytes this process holds. A wrapped key is <c>1 | nonce(12) | ciphertext(32) | tag(16)</c>, AES-256-GCM under a key that HKDF-SHA-256 (RFC 5869)
/// derives from the master key; its id is derived likewise. Nonces are random: the keys it ever wraps are far from the 2^32 that allows.
/// </summary>
internal sealed class LocalMasterKey : IMasterKey, IDisposable
{
    public const int KeyBytes = 32;
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int WrappedBytes = 1 + NonceBytes + KeyBytes + TagBytes;
    private readonly byte[] _wrapping = GC.AllocateUninitializedArray<byte>(KeyBytes, pinned: true);

    /// <param name="secret">32 bytes.</param>
    public LocalMasterKey(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, KeyBytes);
        Span<byte> id = stackalloc byte[8];
        HKDF.Expand(HashAlgorithmName.SHA256, secret, id, "CloudStore master key id"u8);
        HKDF.Expand(HashAlgorithmName.SHA256, secret, _wrapping, "CloudStore data key wrapping"u8);
        Id = Convert.ToHexStringLower(id);
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        var wrapped = new byte[WrappedBytes];
        wrapped[0] = Version;
        var nonce = wrapped.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_wrapping, TagBytes);
        aes.Encrypt(nonce, key, wrapped.AsSpan(1 + NonceBytes, KeyBytes), wrapped.AsSpan(^TagBytes..), context);
        return wrapped;
    }

    /// <inheritdoc/>
    public void Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context, Span<byte> key)
    {
        if (wrapped.Length != WrappedBytes || wrapped[0] != Version)
        {
            throw new CryptographicException("The wrapped key has not the form of one.");
        }

        using var aes = new AesGcm(_wrapping, TagBytes);
        aes.Decrypt(wrapped.Slice(1, NonceBytes), wrapped.Slice(1 + NonceBytes, KeyBytes), wrapped[^TagBytes..], key, context);
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_wrapping);

    /// <summary>Reads base64 of 32 bytes, plain or in the URL's alphabet, with or without padding.</summary>
    public static LocalMasterKey? Parse(string text)
    {
        text = text.Trim().TrimEnd('=').Replace('-', '+').Replace('_', '/');
        Span<byte> secret = stackalloc byte[KeyBytes + 1];
        bool read = Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), secret, out int length) && length == KeyBytes;
        var key = read ? new LocalMasterKey(secret[..KeyBytes]) : null;
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }
}
