namespace CloudStore.Storage.Files.Cobblestone;

/// <summary>
/// The sizes of a Cobblestone-256 message (https://c2sp.org/chunked-encryption): 24 bytes of salt, 32 of commitment, then chunks of 16 KiB, each followed by a tag of 16
/// bytes. The last chunk is always shorter than 16 KiB, empty where it must be, so that every length tells whether something is missing.
/// </summary>
public static class CobblestoneFormat
{
    public const int KeyBytes = 32;
    public const int SaltBytes = 24;
    public const int CommitmentBytes = 32;
    public const int HeaderBytes = SaltBytes + CommitmentBytes;
    public const int ChunkBytes = 16 * 1024;
    public const int TagBytes = 16;

    /// <summary>A whole chunk with its tag.</summary>
    public const int SealedChunkBytes = ChunkBytes + TagBytes;

    /// <summary>Chunks of the longest message, 4 PiB.</summary>
    public const long MostChunks = 1L << 38;

    /// <summary>How many chunks a message of that length has.</summary>
    public static long Chunks(long plainBytes) => plainBytes / ChunkBytes + 1;

    /// <summary>The length of the encrypted message.</summary>
    public static long SealedLength(long plainBytes) => HeaderBytes + plainBytes + Chunks(plainBytes) * TagBytes;

    /// <summary>Where a chunk begins in the encrypted message.</summary>
    public static long OffsetOf(long chunk) => HeaderBytes + chunk * SealedChunkBytes;

    /// <summary>The length of the message in an encrypted one.</summary>
    /// <exception cref="DamagedContentException">No message has that length: some of it is missing.</exception>
    public static long PlainLength(long sealedBytes)
    {
        if (sealedBytes < HeaderBytes)
        {
            throw new DamagedContentException(null, $"the header is cut: there are {sealedBytes} bytes of it, not {HeaderBytes}");
        }

        long body = sealedBytes - HeaderBytes;
        long whole = body / SealedChunkBytes, last = body % SealedChunkBytes;
        return last >= TagBytes ? whole * ChunkBytes + last - TagBytes : throw new DamagedContentException(whole, last == 0 ? "it is missing" : $"it is cut after {last} bytes");
    }
}
