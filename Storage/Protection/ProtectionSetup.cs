using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Keys.Vault;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Protection;

/// <summary>Registers the key ring and field encryption; the records engine does so by itself.</summary>
public static class ProtectionSetup
{
    /// <param name="dialect">Of the records' database.</param>
    /// <param name="connectionString">To the same.</param>
    public static IHostApplicationBuilder AddProtection(this IHostApplicationBuilder builder, StoreDialect dialect, string connectionString)
    {
        bool production = builder.Environment.IsProduction();
        builder.Services.AddOptions<ProtectionOptions>().BindConfiguration(ProtectionOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.Enabled || !production, "Protection:Enabled must not be false in the environment Production: fields would be stored in clear.").ValidateOnStart();
        builder.Services.TryAddSingleton(new KeyDatabase(dialect, connectionString));
        // Another key management service than Azure's is registered before this, and then takes its place.
        builder.Services.AddKeyVaults();
        builder.Services.TryAddSingleton<IMasterKeyFactory, VaultMasterKeys>();
        builder.Services.TryAddSingleton<MasterKeys>();
        builder.Services.TryAddSingleton<KeyRing>();
        builder.Services.TryAddSingleton<FieldCipher>();
        builder.Services.TryAddSingleton<DocumentCipher>();
        builder.Services.TryAddSingleton<KeyOperations>();
        builder.Services.TryAddSingleton<RotationRunner>();
        builder.Services.TryAddSingleton<ClearRows>();
        builder.Services.AddSingleton<IKeyUse, TokenUses>();
        builder.Services.AddHostedService<NonceLedger>();
        return builder;
    }
}
