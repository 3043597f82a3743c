namespace CloudStore.Storage.Records.Spooling;

/// <summary>What the files of the spool are encrypted with: each has a key of its own, which its head carries wrapped.</summary>
public interface ISpoolKeys
{
    byte[] Wrap(byte[] key);

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was wrapped by another key.</exception>
    byte[] Unwrap(byte[] wrapped);

    /// <summary>Whether it was wrapped as <see cref="Wrap"/> does it now, not by the master key before.</summary>
    bool IsPresent(ReadOnlySpan<byte> wrapped);
}
