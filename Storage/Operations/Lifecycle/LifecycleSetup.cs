using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>Registers retention, legal holds and erasure.</summary>
public static class LifecycleSetup
{
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, TablesAreKnown>();
        services.AddSingleton<Archive>();
        services.AddSingleton<ArchiveKeys>();
        services.AddSingleton<IKeyUse>(s => s.GetRequiredService<ArchiveKeys>());
        services.AddScoped<Retention>();
        services.AddScoped<PersonalRetention>();
        services.AddScoped<Erasure>();
        services.AddScoped<LegalHolds>();
        return services;
    }

    private sealed class TablesAreKnown(IServiceScopeFactory scopes) : IValidateOptions<RetentionOptions>
    {
        public ValidateOptionsResult Validate(string? name, RetentionOptions options)
        {
            if (options.Days.Count == 0)
            {
                return ValidateOptionsResult.Success;
            }

            using var scope = scopes.CreateScope();
            var tables = RecordType.All(scope.ServiceProvider.GetRequiredService<StoreContext>().Model).Select(t => t.Name);
            var faults = Retention.Faults(options, tables).ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
