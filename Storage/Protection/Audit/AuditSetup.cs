using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Registers the audit: what contexts need to note what they write, and what reads and checks it. Part of the records engine.</summary>
internal static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.Origin is null or "" || Transparency.NoteVerifier.IsName(o.Origin), "Audit:Origin must have no spaces and no plus sign.").ValidateOnStart();
        services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section);
        services.TryAddSingleton(s => s.GetRequiredService<IOptions<DataOptions>>().Value);
        services.TryAddSingleton<IAuditKeyStore, StoreSecretAuditKeys>();
        services.TryAddSingleton<AuditKeyring>();
        services.TryAddSingleton<AuditLogs>();
        services.TryAddSingleton<AuditProofs>();
        services.TryAddScoped<AuditScope>();
        services.TryAddScoped<AuditTrail>();
        services.TryAddTransient<AuditVerifier>();
        services.TryAddScoped<AuditArchive>();
        services.TryAddScoped<AuditHistory>();
        services.TryAddSingleton<AuditLogKeeper>();
        return services;
    }

    /// <summary>Makes this process the one that takes events into the log.</summary>
    public static IServiceCollection AddAuditKeeper(this IServiceCollection services)
    {
        services.AddHostedService<AuditLogService>();
        return services;
    }
}
