namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// Where master keys come from that are in no setting or file: <see cref="Vault.VaultMasterKeys"/> takes those of Azure Key Vault. Another service's is registered before the engine.
/// </summary>
public interface IMasterKeyFactory
{
    /// <summary>The service's key; null to take it from the settings or the file.</summary>
    IMasterKey? Create(ProtectionOptions options);

    /// <summary>The service's key from before, or the one to come; null to take it from the settings or the file.</summary>
    IMasterKey? CreatePrevious(ProtectionOptions options) => null;
}
