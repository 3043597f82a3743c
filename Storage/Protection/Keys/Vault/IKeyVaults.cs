using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Protection.Keys.Vault;

/// <summary>Opens keys of a key management service, whose bytes stay there.</summary>
public interface IKeyVaults
{
    /// <param name="key">The key's identifier, with its version.</param>
    /// <param name="algorithm">How it wraps, as the service calls it.</param>
    IKeyVaultKey Open(Uri key, string algorithm);
}

/// <summary>One key of the service. Calls go over the network and block: a key is needed in the middle of building a row, where nothing can be awaited.</summary>
public interface IKeyVaultKey
{
    /// <exception cref="ProblemException">Of kind unavailable: the service does not answer, or refuses.</exception>
    byte[] Wrap(byte[] key);

    /// <exception cref="CryptographicException">It has not wrapped that.</exception>
    /// <exception cref="ProblemException">Of kind unavailable: the service does not answer, or refuses.</exception>
    byte[] Unwrap(byte[] wrapped);
}
