using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Registers what a context needs to audit what it writes; part of the records engine.</summary>
internal static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.TryAddSingleton<IAuditKeyStore, StoreSecretAuditKeys>();
        services.TryAddSingleton<AuditKeyring>();
        services.TryAddScoped<AuditScope>();
        services.TryAddScoped<AuditTrail>();
        return services;
    }
}
