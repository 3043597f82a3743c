using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace CloudStore.Storage.Files;

/// <summary>Content in a container of Azure Blob Storage. A blob is committed when all its blocks are there, so a broken upload leaves nothing visible.</summary>
public sealed class BlobContentStore(BlobServiceClient client, string container) : IContentStore
{
    private const int BlockBytes = 4 << 20;
    private readonly BlobContainerClient _container = client.GetBlobContainerClient(container);

    /// <inheritdoc/>
    public async Task<StoredContent> WriteAsync(Stream content, long maxBytes, CancellationToken cancellationToken = default)
    {
        await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var name = $"{Guid.CreateVersion7():n}";
        using var source = new HashingReadStream(content, maxBytes);
        var transfer = new Azure.Storage.StorageTransferOptions { InitialTransferSize = BlockBytes, MaximumTransferSize = BlockBytes, MaximumConcurrency = 2 };
        await _container.GetBlobClient(name).UploadAsync(source, new BlobUploadOptions { TransferOptions = transfer }, cancellationToken);
        return new StoredContent(name, source.Bytes, source.Sha256());
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _container.GetBlobClient(name).OpenReadAsync(new BlobOpenReadOptions(allowModifications: false) { BufferSize = BlockBytes }, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new FileNotFoundException($"There is no content {name}.", e);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken = default) =>
        await _container.DeleteBlobIfExistsAsync(name, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!await _container.ExistsAsync(cancellationToken))
        {
            yield break;
        }

        await foreach (var blob in _container.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (blob.Properties.LastModified < instant)
            {
                yield return blob.Name;
            }
        }
    }
}
