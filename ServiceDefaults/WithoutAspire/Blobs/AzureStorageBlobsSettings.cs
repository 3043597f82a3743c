using Azure.Core;

namespace Aspire.Azure.Storage.Blobs;

/// <summary>How Azure Blob Storage is reached; bound from <c>Aspire:Azure:Storage:Blobs</c>.</summary>
public class AzureStorageBlobsSettings
{
    /// <summary>An account's connection string; it comes before <see cref="ServiceUri"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The account's blob endpoint, for example <c>https://ACCOUNT.blob.core.windows.net</c>.</summary>
    public Uri? ServiceUri { get; set; }

    /// <summary>Who asks; used with <see cref="ServiceUri"/>.</summary>
    public TokenCredential? Credential { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }
}
