using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Keys.Vault;

/// <summary>Takes the master keys that the settings say are in a key management service.</summary>
internal sealed class VaultMasterKeys(IKeyVaults vaults) : IMasterKeyFactory
{
    public IMasterKey? Create(ProtectionOptions options) => Open(options.MasterKeyVault, "Protection:MasterKeyVault", options);

    public IMasterKey? CreatePrevious(ProtectionOptions options) => Open(options.PreviousMasterKeyVault, "Protection:PreviousMasterKeyVault", options);

    private VaultMasterKey? Open(string? identifier, string setting, ProtectionOptions options)
    {
        if (string.IsNullOrWhiteSpace(identifier))
        {
            return null;
        }

        // Without its version it would be another key from the day on which the service rotates it.
        if (!Uri.TryCreate(identifier, UriKind.Absolute, out var key) || key.Scheme != Uri.UriSchemeHttps || key.AbsolutePath.Trim('/').Split('/') is not ["keys", { Length: > 0 } name, { Length: > 0 } version])
        {
            throw new OptionsValidationException(ProtectionOptions.Section, typeof(ProtectionOptions),
                [$"{setting} must be a key's identifier with its version: https://NAME.vault.azure.net/keys/KEY/VERSION."]);
        }

        return new VaultMasterKey($"vault:{key.Host}/{name}/{version}", vaults.Open(key, options.MasterKeyVaultAlgorithm));
    }
}
