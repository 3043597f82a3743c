using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Exports;
using CloudStore.Storage.Files;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Streams;
using CloudStore.Storage.Operations;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Operations.Persons;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Spooling;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Voice;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage;

/// <summary>Registers the engine and the areas.</summary>
public static class StorageSetup
{
    /// <summary>What every service needs. The process waits at its start until the keeper has brought the database up to date.</summary>
    public static IHostApplicationBuilder AddStorage(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section)
            .Validate(o => !string.IsNullOrWhiteSpace(o.Root), "Data:Root must name a folder.").ValidateOnStart();
        builder.Services.TryAddSingleton(s => s.GetRequiredService<IOptions<DataOptions>>().Value);
        builder.Services.TryAddSingleton(new StartupRole(Migrates: false));
        builder.Services.AddHostedService<StoreStartup>();
        builder.AddRecords();
        builder.AddSharedCache();
        builder.Services.AddCloudStoreCache();
        builder.Services.AddAccess();
        builder.Services.AddRecordChanges();
        builder.Services.AddIdempotency();
        builder.Services.AddSpool();
        builder.Services.AddRetail();
        builder.Services.AddLifecycle();
        builder.AddImports();
        builder.Services.AddExports();
        builder.AddFiles();
        builder.Services.AddPersons();
        builder.Services.AddVoice();
        builder.Services.AddOptions<StreamSettings>().BindConfiguration(StreamSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<StreamLoader>();
        builder.Services.AddSingleton<ImportWorker>();
        return builder;
    }

    /// <summary>Makes this process the keeper: it migrates, makes the first access key and does the background work.</summary>
    public static IHostApplicationBuilder AddKeeper(this IHostApplicationBuilder builder)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton(new StartupRole(Migrates: true)));
        builder.Services.AddSingleton<Keeper>();
        builder.Services.AddHostedService(s => s.GetRequiredService<Keeper>());
        builder.Services.AddSingleton<RotationWorker>();
        builder.Services.AddHostedService(s => s.GetRequiredService<RotationWorker>());
        builder.Services.AddAuditKeeper();
        return builder;
    }
}
