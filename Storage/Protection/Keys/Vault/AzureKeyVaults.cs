using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Keys.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.Storage.Protection.Keys.Vault;

/// <summary>Registers Azure Key Vault as the place of master keys; the process's identity is what DefaultAzureCredential finds.</summary>
internal static class KeyVaultSetup
{
    public static IServiceCollection AddKeyVaults(this IServiceCollection services)
    {
        services.TryAddSingleton<IKeyVaults, AzureKeyVaults>();
        return services;
    }
}

/// <summary>Keys of Azure Key Vault and Managed HSM. The identity needs the permissions get, wrapKey and unwrapKey.</summary>
internal sealed class AzureKeyVaults : IKeyVaults
{
    private readonly Lazy<TokenCredential> _credential = new(() => new DefaultAzureCredential());

    public IKeyVaultKey Open(Uri key, string algorithm) => new Key(new CryptographyClient(key, _credential.Value), new KeyWrapAlgorithm(algorithm), key);

    private sealed class Key(CryptographyClient client, KeyWrapAlgorithm algorithm, Uri key) : IKeyVaultKey
    {
        // "The parameter is incorrect": what came back from the decryption is not what was wrapped.
        private const int NotWrapped = 400;

        public byte[] Wrap(byte[] plain) => Ask(() => client.WrapKey(algorithm, plain).EncryptedKey);

        public byte[] Unwrap(byte[] wrapped) => Ask(() => client.UnwrapKey(algorithm, wrapped).Key);

        private byte[] Ask(Func<byte[]> call)
        {
            try
            {
                return call();
            }
            catch (RequestFailedException e) when (e.Status == NotWrapped)
            {
                throw new CryptographicException($"The key {key} of the vault has not wrapped that.", e);
            }
            catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException)
            {
                throw new ProblemException(ProblemKind.Unavailable, $"The key vault {key.Host} did not wrap or unwrap a key (Protection:MasterKeyVault): {e.Message}", inner: e);
            }
        }
    }
}
