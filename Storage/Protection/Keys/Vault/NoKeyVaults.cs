using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Keys.Vault;

/// <summary>Stands in for Azure Key Vault in builds without its packages: the setting stops the start.</summary>
internal static class KeyVaultSetup
{
    public static IServiceCollection AddKeyVaults(this IServiceCollection services)
    {
        services.TryAddSingleton<IKeyVaults, None>();
        return services;
    }

    private sealed class None : IKeyVaults
    {
        public IKeyVaultKey Open(Uri key, string algorithm) => throw new OptionsValidationException(ProtectionOptions.Section, typeof(ProtectionOptions),
            ["Protection:MasterKeyVault and Protection:PreviousMasterKeyVault need a build with UseAspire=true: this one has no client of Azure Key Vault."]);
    }
}
