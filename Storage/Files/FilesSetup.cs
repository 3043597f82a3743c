using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>Registers files and their uploads; they need the records engine and the staged contents of imports.</summary>
public static class FilesSetup
{
    public static IHostApplicationBuilder AddFiles(this IHostApplicationBuilder builder)
    {
        bool hasConnection = !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ImportsSetup.ContentConnection));
        builder.Services.AddOptions<FilesOptions>().BindConfiguration(FilesOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<FilesOptions>>(new BackendsAreRight(hasConnection));
        builder.Services.TryAddScoped(typeof(RecordStore<>));
        builder.Services.AddSingleton<FileBackends>();
        builder.Services.AddSingleton<FileUses>();
        builder.Services.AddHostedService(s => s.GetRequiredService<FileUses>());
        builder.Services.AddScoped<FileRights>();
        builder.Services.AddScoped<FileQuota>();
        builder.Services.AddScoped<FileRecords>();
        builder.Services.AddScoped<FileService>();
        builder.Services.AddSingleton<MissingContents>();
        builder.Services.AddScoped<FileGrants>();
        builder.Services.AddScoped<FileRemoval>();
        builder.Services.AddScoped<FileKeeper>();
        builder.Services.AddScoped<FileStats>();
        builder.Services.AddScoped<FileAnalysis>();
        builder.Services.AddScoped<UploadService>();
        builder.Services.AddScoped<UploadFinish>();
        builder.Services.AddSingleton<UploadContents>();
        builder.Services.AddSingleton<UploadFinisher>();
        builder.Services.AddHostedService(s => s.GetRequiredService<UploadFinisher>());
        builder.Services.AddSingleton<FileLinks>();
        builder.Services.AddSingleton<IKeyUse, UploadKeyUse>();
        return builder;
    }

    private sealed class BackendsAreRight(bool hasConnection) : IValidateOptions<FilesOptions>
    {
        public ValidateOptionsResult Validate(string? name, FilesOptions options) =>
            FileBackends.Faults(options, hasConnection).ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
