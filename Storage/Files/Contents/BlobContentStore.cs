using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using CloudStore.Storage.Files.Frames;

namespace CloudStore.Storage.Files.Contents;

/// <summary>
/// Content in a container of Azure Blob Storage. Blocks are staged several at a time, and a blob is there when their list is committed: a broken upload leaves nothing visible, and the
/// service forgets its blocks after a week.
/// </summary>
/// <param name="container">Made when the first content is written.</param>
/// <param name="parallel">Blocks and ranges under way at once for one content.</param>
public sealed class BlobContentStore(BlobServiceClient client, string container, int parallel = 4) : IContentStore
{
    /// <summary>The service takes 50,000 blocks; they grow where a content would need more.</summary>
    private const int BlockBytes = 4 << 20, SmallBlockBytes = 1 << 20;
    private readonly BlobContainerClient _container = client.GetBlobContainerClient(container);
    private bool _made;

    /// <inheritdoc/>
    public async Task<IContentSink> CreateAsync(string name, CancellationToken cancellationToken = default)
    {
        if (!_made)
        {
            await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            _made = true;
        }

        return new Sink(_container.GetBlockBlobClient(name), parallel);
    }

    /// <inheritdoc/>
    public async Task<IContentSource> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            var blob = _container.GetBlobClient(name);
            var properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            return new Source(blob, properties.Value.ContentLength, properties.Value.ETag);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new FileNotFoundException($"There is no content {name}.", e);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, bool overwrite = false, CancellationToken cancellationToken = default) =>
        await _container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken);

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

    private sealed class Sink(BlockBlobClient blob, int parallel) : IContentSink
    {
        // One that has the service to itself sends several large blocks at once; many beside each other send small ones, so that their memory stays bounded.
        private readonly int _ahead = FrameBuffers.TakeAhead();
        private readonly List<string> _blocks = [];
        private readonly List<Task> _staging = [];
        private byte[]? _block;
        private int _filled;
        private int _size;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        {
            while (bytes.Length > 0)
            {
                if (_block is null)
                {
                    _size = (_ahead > 0 ? BlockBytes : SmallBlockBytes) << Math.Min(_blocks.Count / 10_000, 4);
                    _block = ArrayPool<byte>.Shared.Rent(_size);
                }

                int take = Math.Min(bytes.Length, _size - _filled);
                bytes[..take].CopyTo(_block.AsMemory(_filled));
                _filled += take;
                bytes = bytes[take..];
                if (_filled == _size)
                {
                    await StageAsync(cancellationToken);
                }
            }
        }

        public async Task CommitAsync(CancellationToken cancellationToken = default)
        {
            if (_filled > 0)
            {
                await StageAsync(cancellationToken);
            }

            await Task.WhenAll(_staging);
            await blob.CommitBlockListAsync(_blocks, cancellationToken: cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            FrameBuffers.ReturnAhead(_ahead);
            await Task.WhenAll(_staging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private async Task StageAsync(CancellationToken cancellationToken)
        {
            while (_staging.Count >= Math.Min(parallel, 1 + _ahead))
            {
                var done = await Task.WhenAny(_staging);
                _staging.Remove(done);
                await done;
            }

            var id = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(id, _blocks.Count);
            _blocks.Add(Convert.ToBase64String(id));
            _staging.Add(StageAsync(_blocks[^1], _block!, _filled, cancellationToken));
            (_block, _filled) = (null, 0);
        }

        private async Task StageAsync(string id, byte[] block, int bytes, CancellationToken cancellationToken)
        {
            // Where it fails, the client may still be reading the block: it is not lent again.
            await blob.StageBlockAsync(id, new MemoryStream(block, 0, bytes), cancellationToken: cancellationToken);
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private sealed class Source(BlobClient blob, long length, ETag tag) : IContentSource
    {
        public long Length => length;

        public int PreferredBytes => BlockBytes;

        public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0)
            {
                return;
            }

            if (offset + buffer.Length > length)
            {
                throw new EndOfStreamException($"The content ends at {length}.");
            }

            var options = new BlobDownloadOptions { Range = new HttpRange(offset, buffer.Length), Conditions = new BlobRequestConditions { IfMatch = tag } };
            using var answer = (await blob.DownloadStreamingAsync(options, cancellationToken)).Value;
            try
            {
                await answer.Content.ReadExactlyAsync(buffer, cancellationToken);
            }
            catch (IOException e) when (e is not EndOfStreamException)
            {
                throw new RequestFailedException(0, "The file storage broke off in the middle of a content.", e);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
