namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// The key that wraps data keys. It is kept outside the database: in a setting, a file, or a key management service. Safe for any number of threads.
/// </summary>
public interface IMasterKey
{
    /// <summary>Names the key without telling anything about it; kept beside each wrapped key.</summary>
    string Id { get; }

    /// <summary>Wraps a data key.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="context">What the key is for. Unwrapping needs the same bytes, so that a wrapped key cannot be moved to another row.</param>
    byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context);

    /// <param name="wrapped">What <see cref="Wrap"/> gave.</param>
    /// <param name="context">The bytes it was wrapped with.</param>
    /// <param name="key">Takes the 32 bytes.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Another master key wrapped it, or it was changed.</exception>
    void Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context, Span<byte> key);
}
