using Azure.Storage.Blobs;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Imports;

/// <summary>Registers the import engine. Uploads are staged in Azure Blob Storage where the connection string <c>files</c> is set, else below the data root.</summary>
public static class ImportsSetup
{
    /// <summary>Name of the connection string of Azure Blob Storage.</summary>
    public const string ContentConnection = "files";

    public static IHostApplicationBuilder AddImports(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImportSettings>().BindConfiguration(ImportSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(s => s.GetRequiredService<IOptions<ImportSettings>>().Value);
        foreach (var target in typeof(ImportTarget).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ImportTarget))))
        {
            builder.Services.AddSingleton(typeof(ImportTarget), target);
        }

        builder.Services.AddSingleton<ImportTargets>();
        builder.Services.AddFernet();
        builder.Services.AddSingleton<ImportDecryption>();
        builder.Services.AddSingleton<ImportSignal>();
        builder.Services.AddScoped<ImportQueue>();
        builder.Services.AddScoped<ImportService>();
        builder.Services.AddScoped<ImportRunner>();
        builder.Services.AddScoped<RejectsWriter>();
        builder.Services.AddSingleton<IKeyUse, ImportKeyUse>();
        bool blobs = !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ContentConnection));
        if (blobs)
        {
            builder.AddAzureBlobServiceClient(ContentConnection);
        }

        builder.Services.AddSingleton(s => new StagedContents(
            blobs ? new BlobContentStore(s.GetRequiredService<BlobServiceClient>(), "staged") : new DiskContentStore(s.GetRequiredService<DataOptions>().PathOf("staged")),
            s.GetRequiredService<KeyRing>()));
        return builder;
    }
}
