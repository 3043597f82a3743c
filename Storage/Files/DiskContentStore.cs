using System.Runtime.CompilerServices;

namespace CloudStore.Storage.Files;

/// <summary>Content in a folder: written under another name, flushed to the disk, then renamed.</summary>
/// <param name="folder">Made when the first content is written.</param>
public sealed class DiskContentStore(string folder) : IContentStore
{
    private const string PartSuffix = ".part";

    /// <inheritdoc/>
    public async Task<StoredContent> WriteAsync(Stream content, long maxBytes, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(folder);
        var name = $"{Guid.CreateVersion7():n}";
        var path = PathOf(name);
        var part = path + PartSuffix;
        using var source = new HashingReadStream(content, maxBytes);
        try
        {
            await using (var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous }))
            {
                await source.CopyToAsync(file, 1 << 20, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path);
            return new StoredContent(name, source.Bytes, source.Sha256());
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult<Stream>(new FileStream(PathOf(name), new FileStreamOptions { Access = FileAccess.Read, BufferSize = 0, Options = FileOptions.SequentialScan }));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException($"There is no content {name}.", e);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        if (Directory.Exists(folder))
        {
            File.Delete(PathOf(name));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Where(f => f.LastWriteTimeUtc < instant.UtcDateTime))
        {
            yield return file.Name;
        }
    }

    private string PathOf(string name) =>
        name.AsSpan().ContainsAny('/', '\\') || name is "." or ".." ? throw new ArgumentException($"'{name}' is not a content name.", nameof(name)) : Path.Combine(folder, name);
}
