using Aspire.Azure.Storage.Blobs;
using Azure.Storage.Blobs;
using CloudStore.ServiceDefaults.Health;
using CloudStore.ServiceDefaults.WithoutAspire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers the client of Azure Blob Storage with its health check.</summary>
public static class AspireBlobStorageExtensions
{
    private const string Section = "Aspire:Azure:Storage:Blobs";

    /// <summary>
    /// Adds a singleton <see cref="BlobServiceClient"/>. <c>ConnectionStrings:NAME</c> is an account's connection string or its blob endpoint's URI; with
    /// a URI the caller sets <see cref="AzureStorageBlobsSettings.Credential"/>, or the URI carries a shared access signature.
    /// </summary>
    /// <exception cref="InvalidOperationException">When the client is first used and neither was given.</exception>
    public static void AddAzureBlobServiceClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<AzureStorageBlobsSettings>? configureSettings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ConnectionStrings.Bind<AzureStorageBlobsSettings>(builder.Configuration, Section, connectionName);
        if (builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } given)
        {
            var isUri = Uri.TryCreate(given, UriKind.Absolute, out var uri);
            settings.ServiceUri = isUri ? uri : settings.ServiceUri;
            settings.ConnectionString = isUri ? settings.ConnectionString : given;
        }

        configureSettings?.Invoke(settings);
        builder.Services.AddSingleton(_ => Create(settings, connectionName));
        if (!settings.DisableHealthChecks)
        {
            builder.TryAddHealthCheck("Azure_BlobServiceClient", static services => new BlobHealthCheck(services));
        }
    }

    private static BlobServiceClient Create(AzureStorageBlobsSettings settings, string connectionName) => settings switch
    {
        { ConnectionString: { Length: > 0 } connectionString } => new BlobServiceClient(connectionString),
        { ServiceUri: { } uri, Credential: { } credential } => new BlobServiceClient(uri, credential),
        { ServiceUri: { } uri } => new BlobServiceClient(uri),
        _ => throw ConnectionStrings.Missing(connectionName, Section),
    };
}
