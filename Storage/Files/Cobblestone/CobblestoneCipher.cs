using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CloudStore.Storage.Files.Cobblestone;

/// <summary>
/// Encrypts and decrypts the chunks of one message by Cobblestone-256: HKDF-Expand over SHA-512 makes key, base nonce and commitment of the input key, the salt and the context; each
/// chunk is AES-256-GCM under the base nonce XORed with its number. Safe for any number of threads, each on chunks of its own.
/// </summary>
public sealed class CobblestoneCipher : IDisposable
{
    private const int NonceBytes = 12;
    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(CobblestoneFormat.KeyBytes, pinned: true);
    private readonly byte[] _nonce = new byte[NonceBytes];
    private readonly byte[] _header = new byte[CobblestoneFormat.HeaderBytes];
    private readonly ConcurrentBag<AesGcm> _idle = [];

    private CobblestoneCipher(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        if (inputKey.Length != CobblestoneFormat.KeyBytes)
        {
            throw new ArgumentException($"The key must have {CobblestoneFormat.KeyBytes} bytes; it has {inputKey.Length}.", nameof(inputKey));
        }

        ReadOnlySpan<byte> label = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;
        byte[] info = [.. label, .. salt, .. context];
        Span<byte> derived = stackalloc byte[CobblestoneFormat.KeyBytes + NonceBytes + CobblestoneFormat.CommitmentBytes];
        Expand(inputKey, info, derived);
        derived[..CobblestoneFormat.KeyBytes].CopyTo(_key);
        derived.Slice(CobblestoneFormat.KeyBytes, NonceBytes).CopyTo(_nonce);
        salt.CopyTo(_header);
        derived[^CobblestoneFormat.CommitmentBytes..].CopyTo(_header.AsSpan(CobblestoneFormat.SaltBytes));
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>What precedes the chunks: salt and commitment.</summary>
    public ReadOnlyMemory<byte> Header => _header;

    /// <summary>For a new message.</summary>
    /// <param name="key">32 bytes, uniformly random.</param>
    /// <param name="context">What the message is; decrypting needs the same.</param>
    public static CobblestoneCipher Create(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        Span<byte> salt = stackalloc byte[CobblestoneFormat.SaltBytes];
        RandomNumberGenerator.Fill(salt);
        return new CobblestoneCipher(key, salt, context);
    }

    /// <summary>With a salt that was chosen elsewhere, for test vectors: a salt must never be used twice with a key.</summary>
    internal static CobblestoneCipher Create(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> salt) => new(key, salt, context);

    /// <summary>For a message that is there.</summary>
    /// <param name="header">Its first 56 bytes.</param>
    /// <exception cref="DamagedContentException">The commitment is another one: the key or the context is not the message's, or the header was changed.</exception>
    public static CobblestoneCipher Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header)
    {
        var cipher = new CobblestoneCipher(key, header[..CobblestoneFormat.SaltBytes], context);
        if (CryptographicOperations.FixedTimeEquals(cipher._header, header))
        {
            return cipher;
        }

        cipher.Dispose();
        throw new DamagedContentException(null, "key, tenant, file, version and compression are not those it was written with, or it was changed");
    }

    /// <summary>Encrypts whole chunks, and behind them the last short one where <paramref name="final"/>.</summary>
    /// <param name="first">The number of the first chunk.</param>
    /// <param name="plain">A multiple of 16 KiB unless <paramref name="final"/>.</param>
    /// <returns>Bytes written to <paramref name="output"/>.</returns>
    public int Seal(long first, ReadOnlySpan<byte> plain, Span<byte> output, bool final)
    {
        var aes = Rent();
        Span<byte> nonce = stackalloc byte[NonceBytes];
        int written = 0;
        do
        {
            int take = Math.Min(plain.Length, CobblestoneFormat.ChunkBytes);
            if (take < CobblestoneFormat.ChunkBytes && !final)
            {
                break;
            }

            Nonce(first++, nonce);
            aes.Encrypt(nonce, plain[..take], output.Slice(written, take), output.Slice(written + take, CobblestoneFormat.TagBytes));
            written += take + CobblestoneFormat.TagBytes;
            plain = plain[take..];
            if (take < CobblestoneFormat.ChunkBytes)
            {
                break;
            }
        }
        while (true);
        _idle.Add(aes);
        return written;
    }

    /// <summary>Decrypts chunks, all of them whole but the message's last.</summary>
    /// <param name="first">The number of the first chunk.</param>
    /// <param name="content">Chunks with their tags.</param>
    /// <returns>Bytes written to <paramref name="plain"/>; nothing in it may be used where this throws.</returns>
    /// <exception cref="DamagedContentException">A chunk was changed, or is not this message's or not in its place.</exception>
    public int Open(long first, ReadOnlySpan<byte> content, Span<byte> plain)
    {
        var aes = Rent();
        Span<byte> nonce = stackalloc byte[NonceBytes];
        int written = 0;
        try
        {
            while (content.Length > 0)
            {
                int take = Math.Min(content.Length, CobblestoneFormat.SealedChunkBytes) - CobblestoneFormat.TagBytes;
                if (take < 0)
                {
                    throw new DamagedContentException(first, $"it is cut after {content.Length} bytes");
                }

                Nonce(first, nonce);
                aes.Decrypt(nonce, content[..take], content.Slice(take, CobblestoneFormat.TagBytes), plain.Slice(written, take));
                first++;
                written += take;
                content = content[(take + CobblestoneFormat.TagBytes)..];
            }

            return written;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new DamagedContentException(first, "it was changed, or belongs elsewhere", e);
        }
        finally
        {
            _idle.Add(aes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        while (_idle.TryTake(out var aes))
        {
            aes.Dispose();
        }
    }

    // RFC 5869 section 2.3. HKDF.Expand takes no key that is shorter than the hash, which is what the specification gives it.
    private static void Expand(ReadOnlySpan<byte> key, byte[] info, Span<byte> output)
    {
        Span<byte> block = stackalloc byte[HMACSHA512.HashSizeInBytes];
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA512, key);
        for (byte number = 1; output.Length > 0; number++)
        {
            if (number > 1)
            {
                hmac.AppendData(block);
            }

            hmac.AppendData(info);
            hmac.AppendData([number]);
            hmac.GetHashAndReset(block);
            int take = Math.Min(block.Length, output.Length);
            block[..take].CopyTo(output);
            output = output[take..];
        }

        CryptographicOperations.ZeroMemory(block);
    }

    private AesGcm Rent() => _idle.TryTake(out var aes) ? aes : new AesGcm(_key, CobblestoneFormat.TagBytes);

    private void Nonce(long chunk, Span<byte> nonce)
    {
        if (chunk >= CobblestoneFormat.MostChunks)
        {
            throw new InvalidOperationException("A message has at most 2^38 chunks.");
        }

        _nonce.CopyTo(nonce);
        var low = nonce[4..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ (ulong)chunk);
    }
}
