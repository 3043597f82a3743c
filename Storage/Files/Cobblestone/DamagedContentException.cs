using System.Globalization;

namespace CloudStore.Storage.Files.Cobblestone;

/// <summary>Stored content is not what was written: bytes of it were changed, are missing, or belong elsewhere; or the key is another one.</summary>
/// <param name="chunk">The encrypted chunk of 16 KiB that shows it, from 0; null where it is the header before them.</param>
/// <param name="fault">What is wrong, as the end of a sentence.</param>
public sealed class DamagedContentException(long? chunk, string fault, Exception? inner = null)
    : IOException(chunk is { } number ? string.Create(CultureInfo.InvariantCulture, $"Chunk {number} of the content is damaged: {fault}.") : $"The content's header is damaged: {fault}.", inner)
{
    public long? Chunk { get; } = chunk;
}
