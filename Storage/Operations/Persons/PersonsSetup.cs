using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>Registers exports and erasures of one person; they need files, lifecycle and the audit's keys.</summary>
public static class PersonsSetup
{
    public static IServiceCollection AddPersons(this IServiceCollection services)
    {
        services.AddOptions<PersonJobOptions>().BindConfiguration(PersonJobOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<PersonJobs>();
        services.AddScoped<PersonJobQueue>();
        services.AddScoped<PersonZip>();
        services.AddSingleton<PersonExport>();
        services.AddSingleton<PersonErasure>();
        services.AddSingleton<PersonJobWorker>();
        return services;
    }
}
