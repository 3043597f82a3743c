using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// A data key whose bytes this process holds. It lends ciphers, each to one user at a time, and keeps them for the next: setting one up costs as much as several
/// rows. Once it is closed it lends none, and its bytes are overwritten.
/// </summary>
public sealed class OpenKey
{
    private readonly byte[] _bytes;
    private readonly ConcurrentQueue<KeyCipher> _idle = new();
    private KeyCipher? _first;
    private readonly Action<Guid> _prefixDrawn;
    private volatile bool _closed;

    internal OpenKey(Guid id, string tenant, string subject, KeyPurpose purpose, KeyState state, byte[] pinned, Action<Guid> prefixDrawn)
    {
        (Id, Tenant, Subject, Purpose, State, _bytes, _prefixDrawn) = (id, tenant, subject, purpose, state, pinned, prefixDrawn);
        Id.TryWriteBytes(IdBytes, bigEndian: true, out _);
    }

    public Guid Id { get; }

    public string Tenant { get; }

    /// <summary>Empty for the tenant's own key.</summary>
    public string Subject { get; }

    public KeyPurpose Purpose { get; }

    public KeyState State { get; }

    internal byte[] IdBytes { get; } = new byte[16];

    /// <summary>A cipher for the caller alone; null where the key was closed since the caller got it.</summary>
    internal KeyCipher? Rent()
    {
        var cipher = Interlocked.Exchange(ref _first, null);
        if (cipher is null && !_idle.TryDequeue(out cipher))
        {
            lock (_bytes)
            {
                return _closed ? null : new KeyCipher(this, _bytes);
            }
        }

        return cipher;
    }

    internal void Return(KeyCipher cipher)
    {
        if (_closed)
        {
            cipher.Dispose();
        }
        else if (Interlocked.CompareExchange(ref _first, cipher, null) is not null)
        {
            _idle.Enqueue(cipher);
        }
    }

    internal void CountPrefix() => _prefixDrawn(Id);

    /// <summary>Derives a key for one use of this one: HKDF-Expand of RFC 5869 over SHA-256.</summary>
    /// <returns>False where the key was closed.</returns>
    internal bool Derive(ReadOnlySpan<byte> info, Span<byte> key)
    {
        lock (_bytes)
        {
            if (_closed)
            {
                return false;
            }

            HKDF.Expand(HashAlgorithmName.SHA256, _bytes, key, info);
            return true;
        }
    }

    internal void Close()
    {
        lock (_bytes)
        {
            _closed = true;
            CryptographicOperations.ZeroMemory(_bytes);
        }

        Interlocked.Exchange(ref _first, null)?.Dispose();
        while (_idle.TryDequeue(out var cipher))
        {
            cipher.Dispose();
        }
    }
}
