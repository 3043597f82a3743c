namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// Where a key management service comes in: an implementation that is registered before the engine gives a master key whose bytes never leave the service, such as
/// Azure Key Vault's.
/// </summary>
public interface IMasterKeyFactory
{
    /// <summary>The service's key; null to take it from the settings or the file.</summary>
    IMasterKey? Create(ProtectionOptions options);

    /// <summary>Leaves it to the settings and the file.</summary>
    internal sealed class None : IMasterKeyFactory
    {
        public IMasterKey? Create(ProtectionOptions options) => null;
    }
}
