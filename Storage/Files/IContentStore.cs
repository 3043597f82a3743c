namespace CloudStore.Storage.Files;

/// <summary>Content as it was stored.</summary>
/// <param name="Name">Names it in the store; chosen by the store.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of it, lower-case hexadecimal.</param>
public sealed record StoredContent(string Name, long Bytes, string Sha256);

/// <summary>
/// Keeps streams of bytes that live until they have been worked on, such as uploads waiting to be loaded. Every process that works on them must reach the
/// same store.
/// </summary>
public interface IContentStore
{
    /// <summary>Stores a stream to its end. Content is there as a whole or not at all: a stream that breaks off leaves nothing behind.</summary>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">Of kind too-large: there are more bytes than <paramref name="maxBytes"/>.</exception>
    Task<StoredContent> WriteAsync(Stream content, long maxBytes, CancellationToken cancellationToken = default);

    /// <summary>Opens content for reading; the stream can seek.</summary>
    /// <exception cref="FileNotFoundException">There is no content of that name.</exception>
    Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes content; nothing happens when it is gone already.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Names of the content (finished or not) that was last written before an instant.</summary>
    IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, CancellationToken cancellationToken = default);
}
