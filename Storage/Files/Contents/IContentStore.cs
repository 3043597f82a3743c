namespace CloudStore.Storage.Files.Contents;

/// <summary>
/// A place for content under names of the engine's choice: a folder, or a container of Azure Blob Storage. What goes in is encrypted already. Every process of an installation
/// must reach the same. Names have at least four letters, digits and hyphens, random ones last.
/// </summary>
public interface IContentStore
{
    /// <summary>Begins new content. It is there when it is committed, whole, or never.</summary>
    Task<IContentSink> CreateAsync(string name, CancellationToken cancellationToken = default);

    /// <exception cref="FileNotFoundException">There is no content of that name.</exception>
    Task<IContentSource> OpenAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes content; nothing happens when it is gone already.</summary>
    /// <param name="overwrite">Overwrites it first, where the place can.</param>
    Task DeleteAsync(string name, bool overwrite = false, CancellationToken cancellationToken = default);

    /// <summary>The content, finished or not, that was last written before an instant.</summary>
    IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, CancellationToken cancellationToken = default);
}

/// <summary>Takes new content from its beginning to its end. Disposed without a commit, it leaves nothing behind.</summary>
public interface IContentSink : IAsyncDisposable
{
    /// <summary>Takes the next bytes. The memory may be used again when this completes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Makes the content appear, on the disk or in the service, to stay.</summary>
    Task CommitAsync(CancellationToken cancellationToken = default);
}

/// <summary>Reads content from any place of it. Safe for several readers at once.</summary>
public interface IContentSource : IAsyncDisposable
{
    long Length { get; }

    /// <summary>How many bytes are best asked for at once.</summary>
    int PreferredBytes { get; }

    /// <summary>Fills <paramref name="buffer"/> with what is at <paramref name="offset"/>.</summary>
    /// <exception cref="EndOfStreamException">There are not that many bytes.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default);
}
