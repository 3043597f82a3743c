using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>AES-256-GCM under one key, with the nonces it may use. For one user at a time, who returns it by <see cref="OpenKey.Return"/>.</summary>
internal sealed class KeyCipher : IDisposable
{
    public const int TagBytes = 16;
    private readonly AesGcm _aes;
    private readonly NonceSequence _nonces;

    public KeyCipher(OpenKey key, ReadOnlySpan<byte> bytes)
    {
        Key = key;
        _aes = new AesGcm(bytes, TagBytes);
        _nonces = new NonceSequence(key.CountPrefix);
    }

    public OpenKey Key { get; }

    /// <param name="nonce">Takes the nonce that was used.</param>
    public void Encrypt(Span<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        _nonces.Next(nonce);
        _aes.Encrypt(nonce, plain, ciphertext, tag, associated);
    }

    /// <exception cref="AuthenticationTagMismatchException">Any of it was changed, or belongs elsewhere.</exception>
    public void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> associated) =>
        _aes.Decrypt(nonce, ciphertext, tag, plain, associated);

    public void Dispose() => _aes.Dispose();
}
