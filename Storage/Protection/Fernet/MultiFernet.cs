using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CloudStore.Storage.Protection.Fernet;

/// <summary>
/// Fernet tokens (github.com/fernet/spec, version 0x80: AES-128-CBC, HMAC-SHA256) under one or more keys: the first encrypts, all of them decrypt, so
/// that a key is rotated by putting a new one in front. Safe for concurrent use. The signature is compared in constant time and before anything else of the
/// token is believed.
/// </summary>
public sealed class MultiFernet
{
    /// <summary>How far the clocks of writer and reader may differ, as in the specification's vectors and Python's implementation.</summary>
    public static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(60);

    private const byte Version = 0x80;
    private const int TimeAt = 1;
    private const int IvAt = 9;
    private const int CipherAt = 25;
    private const int Block = 16;
    private const int MacSize = 32;
    private readonly FernetKey[] _keys;
    private readonly TimeProvider _time;

    /// <param name="keys">One or more, the one that encrypts first.</param>
    /// <param name="time">Dates tokens, and tells their age.</param>
    public MultiFernet(IEnumerable<FernetKey> keys, TimeProvider time)
    {
        _keys = [.. keys];
        _time = time;
        if (_keys.Length == 0)
        {
            throw new ArgumentException("Fernet needs a key.", nameof(keys));
        }
    }

    /// <summary>A token that holds the bytes, dated now.</summary>
    public string Encrypt(ReadOnlySpan<byte> plain) => Encrypt(plain, Now(), RandomNumberGenerator.GetBytes(Block));

    /// <summary>A token that holds the text as UTF-8, dated now.</summary>
    public string Encrypt(string plain) => Encrypt(Encoding.UTF8.GetBytes(plain));

    /// <summary>The content of a token.</summary>
    /// <param name="token">As <see cref="Encrypt(string)"/> writes it.</param>
    /// <param name="timeToLive">The greatest age allowed; null for any. A token from the future is refused in any case.</param>
    /// <exception cref="FernetException">It is not valid.</exception>
    public byte[] Decrypt(string token, TimeSpan? timeToLive = null) => Decrypt(Encoding.UTF8.GetBytes(token), timeToLive, out _);

    /// <summary>The same content under the first key. The token keeps its date, so that rotation prolongs no life.</summary>
    /// <exception cref="FernetException">It is not valid.</exception>
    public string Rotate(string token)
    {
        var plain = Decrypt(Encoding.UTF8.GetBytes(token), null, out long written);
        return Encrypt(plain, written, RandomNumberGenerator.GetBytes(Block));
    }

    /// <summary>Decrypts a token in UTF-8 without an exception where it is not valid.</summary>
    /// <param name="plain">At least as long as the token.</param>
    public FernetFault TryDecrypt(ReadOnlySpan<byte> token, TimeSpan? timeToLive, Span<byte> plain, out int length) => TryDecrypt(token, timeToLive, plain, out length, out _);

    internal string Encrypt(ReadOnlySpan<byte> plain, long unixSeconds, ReadOnlySpan<byte> iv)
    {
        var key = _keys[0];
        int cipher = (plain.Length / Block + 1) * Block;
        var token = new byte[CipherAt + cipher + MacSize];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(TimeAt), unixSeconds);
        iv.CopyTo(token.AsSpan(IvAt));
        using var aes = Aes.Create();
        aes.SetKey(key.Encryption);
        aes.EncryptCbc(plain, iv, token.AsSpan(CipherAt, cipher));
        HMACSHA256.HashData(key.Signing, token.AsSpan(0, CipherAt + cipher), token.AsSpan(CipherAt + cipher));
        return FernetText.Encode(token);
    }

    private byte[] Decrypt(ReadOnlySpan<byte> token, TimeSpan? timeToLive, out long written)
    {
        var plain = new byte[token.Length];
        var fault = TryDecrypt(token, timeToLive, plain, out int length, out written);
        return fault == FernetFault.None ? plain[..length] : throw new FernetException(fault);
    }

    private FernetFault TryDecrypt(ReadOnlySpan<byte> token, TimeSpan? timeToLive, Span<byte> plain, out int length, out long written)
    {
        (length, written) = (0, 0);
        var bytes = new byte[FernetText.MaxLength(token.Length)];
        if (!FernetText.TryDecode(token, bytes, out int size))
        {
            return FernetFault.NotBase64;
        }

        var raw = bytes.AsSpan(0, size);
        if (Malformed(raw) is not FernetFault.None and var malformed)
        {
            return malformed;
        }

        if (SignerOf(raw) is not { } key)
        {
            return FernetFault.Signature;
        }

        written = BinaryPrimitives.ReadInt64BigEndian(raw[TimeAt..]);
        var fault = Aged(written, timeToLive);
        return fault == FernetFault.None && !TryDecipher(key, raw, plain, out length) ? FernetFault.Padding : fault;
    }

    private static FernetFault Malformed(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > 0 && raw[0] != Version)
        {
            return FernetFault.Version;
        }

        int cipher = raw.Length - CipherAt - MacSize;
        return cipher < 0 ? FernetFault.TooShort : cipher == 0 || cipher % Block != 0 ? FernetFault.Truncated : FernetFault.None;
    }

    private FernetKey? SignerOf(ReadOnlySpan<byte> raw)
    {
        Span<byte> mac = stackalloc byte[MacSize];
        foreach (var key in _keys)
        {
            HMACSHA256.HashData(key.Signing, raw[..^MacSize], mac);
            if (CryptographicOperations.FixedTimeEquals(mac, raw[^MacSize..]))
            {
                return key;
            }
        }

        return null;
    }

    private FernetFault Aged(long written, TimeSpan? timeToLive)
    {
        long now = Now();
        // The timestamp is unsigned: what is negative here is far beyond any clock.
        if (written < 0 || written > now + (long)MostSkew.TotalSeconds)
        {
            return FernetFault.FromTheFuture;
        }

        return timeToLive is { } most && now - written > most.TotalSeconds ? FernetFault.Expired : FernetFault.None;
    }

    private static bool TryDecipher(FernetKey key, ReadOnlySpan<byte> raw, Span<byte> plain, out int length)
    {
        using var aes = Aes.Create();
        aes.SetKey(key.Encryption);
        try
        {
            return aes.TryDecryptCbc(raw[CipherAt..^MacSize], raw.Slice(IvAt, Block), plain, out length);
        }
        catch (CryptographicException)
        {
            length = 0;
            return false;
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();
}
