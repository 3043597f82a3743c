using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudStore.Storage.Files;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>
/// One file of the spool. Head: the 8 bytes <c>CSSPOOL2</c>, the length of the wrapped key (2 bytes, big-endian) and that key. Then frames: the length of
/// the ciphertext (4 bytes, big-endian), the ciphertext, the tag (16 bytes). AES-256-GCM under the file's own key; the nonce is the frame's number in 12 bytes,
/// big-endian, which also fixes the order. A file is written by the process that made it and never continued, so no number is used twice.
/// </summary>
internal sealed class SpoolSegment : IDisposable
{
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int KeyBytes = 32;
    private readonly FileStream _file;
    private readonly AesGcm _cipher;
    private long _frames;
    private long _flushed;

    private SpoolSegment(FileStream file, AesGcm cipher) => (_file, _cipher) = (file, cipher);

    private static ReadOnlySpan<byte> Magic => "CSSPOOL2"u8;

    public string Path => _file.Name;

    public long Length => _file.Length;

    /// <summary>Makes a file, its head on the disk.</summary>
    public static SpoolSegment Create(string path, ISpoolKeys keys)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var wrapped = keys.Wrap(key);
        var cipher = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        try
        {
            var head = Head(Magic, wrapped);
            file.Write(head);
            file.Flush(flushToDisk: true);
            DurableFile.FlushFolder(System.IO.Path.GetDirectoryName(path)!);
            return new SpoolSegment(file, cipher) { _flushed = head.Length };
        }
        catch
        {
            cipher.Dispose();
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Writes a frame; it is on the disk after <see cref="Flush"/>.</summary>
    public void Append(ReadOnlySpan<byte> plaintext)
    {
        var frame = new byte[4 + plaintext.Length + TagBytes];
        BinaryPrimitives.WriteInt32BigEndian(frame, plaintext.Length);
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Number(nonce, _frames++);
        _cipher.Encrypt(nonce, plaintext, frame.AsSpan(4, plaintext.Length), frame.AsSpan(4 + plaintext.Length));
        _file.Write(frame);
    }

    public void Flush()
    {
        _file.Flush(flushToDisk: true);
        _flushed = _file.Length;
    }

    /// <summary>Takes back what came after the last flush: its senders are told that it failed.</summary>
    public void Cut() => _file.SetLength(_flushed);

    /// <summary>The entries of a file, oldest first. A last frame that was not written whole was promised to nobody and is left out.</summary>
    /// <exception cref="InvalidDataException">It was changed: not one bit in it may differ.</exception>
    /// <exception cref="CryptographicException">Its key was wrapped by another key.</exception>
    public static IEnumerable<SpoolEntry> Read(string path, ISpoolKeys keys)
    {
        using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
        if (ReadHead(file) is not { } wrapped)
        {
            yield break;
        }

        using var cipher = new AesGcm(keys.Unwrap(wrapped), TagBytes);
        for (long number = 0; ReadFrame(file, cipher, number) is { } plaintext; number++)
        {
            yield return SpoolEntry.From(plaintext);
        }
    }

    /// <summary>Whether the present master key wraps a file's key; null where its head was not written whole, or it is gone by now.</summary>
    public static bool? IsPresent(string path, ISpoolKeys keys)
    {
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
            return ReadHead(file) is { } wrapped ? keys.IsPresent(wrapped) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes a copy of a file whose key is wrapped by the present master key; the entries are taken as they are. It is on the disk when this returns.</summary>
    /// <exception cref="CryptographicException">Its key was wrapped by a key that is not here.</exception>
    public static void Rewrap(string path, string copy, ISpoolKeys keys)
    {
        using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
        var key = keys.Unwrap(ReadHead(file) ?? throw new InvalidDataException($"{path} has no whole head."));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var fresh = new FileStream(copy, options);
        fresh.Write(Head(Magic, keys.Wrap(key)));
        CryptographicOperations.ZeroMemory(key);
        file.CopyTo(fresh);
        fresh.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _file.Dispose();
    }

    private static byte[] Head(ReadOnlySpan<byte> magic, byte[] wrapped) => [.. magic, (byte)(wrapped.Length >> 8), (byte)wrapped.Length, .. wrapped];

    private static byte[]? ReadHead(FileStream file)
    {
        Span<byte> head = stackalloc byte[Magic.Length + 2];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            return null;
        }

        if (!head.StartsWith(Magic))
        {
            throw new InvalidDataException($"{file.Name} is not a file of this version's spool: it does not begin with CSSPOOL2.");
        }

        var wrapped = new byte[BinaryPrimitives.ReadUInt16BigEndian(head[Magic.Length..])];
        return file.ReadAtLeast(wrapped, wrapped.Length, throwOnEndOfStream: false) < wrapped.Length ? null : wrapped;
    }

    private static byte[]? ReadFrame(FileStream file, AesGcm cipher, long number)
    {
        Span<byte> size = stackalloc byte[4];
        if (file.ReadAtLeast(size, size.Length, throwOnEndOfStream: false) < size.Length)
        {
            return null;
        }

        long length = BinaryPrimitives.ReadUInt32BigEndian(size);
        if (length + TagBytes > file.Length - file.Position)
        {
            return null;
        }

        var sealedBytes = new byte[length + TagBytes];
        file.ReadExactly(sealedBytes);
        var plaintext = new byte[length];
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Number(nonce, number);
        try
        {
            cipher.Decrypt(nonce, sealedBytes.AsSpan(0, (int)length), sealedBytes.AsSpan((int)length), plaintext);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException) when (file.Position == file.Length)
        {
            // The disk had taken the file's new length and not yet its content when the machine went down.
            return null;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException($"{file.Name} was changed: entry {number} cannot be authenticated.", e);
        }
    }

    private static void Number(Span<byte> nonce, long number)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[^8..], number);
    }
}
