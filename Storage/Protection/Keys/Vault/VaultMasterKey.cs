using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Keys.Vault;

/// <summary>
/// A master key in a key management service. Each process makes one key of its own, which the service wraps, and wraps data keys with that: the service is asked once for each such key
/// and not for each data key, of which there is one for every person. A wrapped key is <c>1 | length(2, big-endian) | what the service wrapped | nonce(12) | ciphertext(32) | tag(16)</c>,
/// AES-256-GCM. Safe for any number of threads.
/// </summary>
/// <param name="id">Names the key and its version.</param>
internal sealed class VaultMasterKey(string id, IKeyVaultKey vault) : IMasterKey
{
    private const byte Version = 1;
    private const int HeadBytes = 3;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int TailBytes = NonceBytes + LocalMasterKey.KeyBytes + TagBytes;
    private const int Capacity = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _opened = new(StringComparer.Ordinal);
    private (byte[] Key, byte[] Wrapped)? _own;

    /// <inheritdoc/>
    public string Id { get; } = id;

    /// <inheritdoc/>
    public byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, LocalMasterKey.KeyBytes);
        var (own, head) = Own();
        var wrapped = new byte[HeadBytes + head.Length + TailBytes];
        wrapped[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(wrapped.AsSpan(1), checked((ushort)head.Length));
        head.CopyTo(wrapped.AsSpan(HeadBytes));
        var tail = wrapped.AsSpan(^TailBytes..);
        RandomNumberGenerator.Fill(tail[..NonceBytes]);
        using var aes = new AesGcm(own, TagBytes);
        aes.Encrypt(tail[..NonceBytes], key, tail[NonceBytes..^TagBytes], tail[^TagBytes..], context);
        return wrapped;
    }

    /// <inheritdoc/>
    public void Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context, Span<byte> key)
    {
        if (wrapped.Length <= HeadBytes + TailBytes || wrapped[0] != Version || wrapped.Length != HeadBytes + BinaryPrimitives.ReadUInt16BigEndian(wrapped[1..]) + TailBytes)
        {
            throw new CryptographicException("The wrapped key has not the form of one.");
        }

        var tail = wrapped[^TailBytes..];
        using var aes = new AesGcm(Open(wrapped[HeadBytes..^TailBytes].ToArray()), TagBytes);
        aes.Decrypt(tail[..NonceBytes], tail[NonceBytes..^TagBytes], tail[^TagBytes..], key, context);
    }

    // Never one that was read from the database: whoever has the public half of the service's key could have made it.
    private (byte[] Key, byte[] Wrapped) Own()
    {
        lock (_lock)
        {
            if (_own is null)
            {
                var key = GC.AllocateUninitializedArray<byte>(LocalMasterKey.KeyBytes, pinned: true);
                RandomNumberGenerator.Fill(key);
                _own = (key, vault.Wrap(key));
                _opened[Convert.ToBase64String(_own.Value.Wrapped)] = key;
            }

            return _own.Value;
        }
    }

    private byte[] Open(byte[] head)
    {
        var name = Convert.ToBase64String(head);
        lock (_lock)
        {
            if (_opened.TryGetValue(name, out var known))
            {
                return known;
            }

            var key = vault.Unwrap(head);
            if (key.Length != LocalMasterKey.KeyBytes)
            {
                throw new CryptographicException("What the service unwrapped has not the length of a key.");
            }

            if (_opened.Count >= Capacity)
            {
                _opened.Clear();
            }

            return _opened[name] = key;
        }
    }
}
