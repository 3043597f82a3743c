using System.Runtime.CompilerServices;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Frames;
using CloudStore.Storage.Protection.Keys;

namespace CloudStore.Storage.Files;

/// <summary>Content as it was staged.</summary>
/// <param name="Name">Names it; chosen by the engine.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of it, lower-case hexadecimal.</param>
public sealed record StoredContent(string Name, long Bytes, string Sha256);

/// <summary>
/// Content that lives until it has been worked on: files that wait to be loaded, and the parts of uploads. It is encrypted as files are, each under a key of its own that is derived from
/// its tenant's data key; the name says which (<c>key's id - content's id</c>), so that destroying the tenant's keys destroys it as well.
/// </summary>
public sealed class StagedContents(IContentStore store, KeyRing ring)
{
    private const int IdDigits = 32;

    /// <summary>Stores a stream to its end. Content is there as a whole or not at all: a stream that breaks off leaves nothing behind.</summary>
    /// <param name="subject">The person whose key it is; empty for the tenant's.</param>
    /// <exception cref="ProblemException">Of kind too-large: there are more bytes than <paramref name="maxBytes"/>.</exception>
    public async Task<StoredContent> WriteAsync(string tenant, Stream content, long maxBytes, string subject = "", CancellationToken cancellationToken = default)
    {
        var key = ring.Current(tenant, subject);
        var id = Guid.CreateVersion7();
        var name = $"{PrefixOf(key.Id)}{id:n}";
        await using var sink = await store.CreateAsync(name, cancellationToken);
        try
        {
            var written = await FrameWriter.WriteAsync(content, sink, KeyOf(key, id), new FileContext(tenant, id), Compress.None, maxBytes, cancellationToken);
            await sink.CommitAsync(cancellationToken);
            return new StoredContent(name, written.Bytes, written.Sha256);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.TooLarge && maxBytes < long.MaxValue)
        {
            throw new ProblemException(ProblemKind.TooLarge, $"The upload is longer than the {maxBytes:N0} bytes that are accepted.", inner: e);
        }
    }

    /// <summary>Opens content for reading; the stream can seek, and reads asynchronously alone.</summary>
    /// <exception cref="FileNotFoundException">There is no content of that name.</exception>
    /// <exception cref="ProblemException">Of kind destroyed or unreadable: its key is gone, or is not here.</exception>
    public async Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken = default)
    {
        if (name.Length != 2 * IdDigits + 1 || !Guid.TryParseExact(name[..IdDigits], "n", out var keyId) || !Guid.TryParseExact(name[(IdDigits + 1)..], "n", out var id))
        {
            throw new FileNotFoundException($"There is no content {name}.");
        }

        var source = await store.OpenAsync(name, cancellationToken);
        try
        {
            var found = ring.Find(keyId);
            var key = found.Key ?? throw (found.Absence == KeyAbsence.Destroyed
                ? new ProblemException(ProblemKind.Destroyed, $"The key of the content {name} was destroyed.")
                : new ProblemException(ProblemKind.Unreadable, $"The key of the content {name} is not here."));
            return new FrameStream(await FrameReader.OpenAsync(source, KeyOf(key, id), new FileContext(key.Tenant, id), FileCodec.None, cancellationToken));
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the names of all content under a data key begin with.</summary>
    internal static string PrefixOf(Guid key) => $"{key:n}-";

    /// <summary>Removes content; nothing happens when it is gone already.</summary>
    /// <param name="overwrite">Overwrites it first, where the place can: its key goes with its tenant's, not with it.</param>
    public Task DeleteAsync(string name, bool overwrite = false, CancellationToken cancellationToken = default) => store.DeleteAsync(name, overwrite, cancellationToken);

    /// <summary>Names of the content (finished or not) that was last written before an instant.</summary>
    public IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, CancellationToken cancellationToken = default) => store.ListOlderThanAsync(instant, cancellationToken);

    private static byte[] KeyOf(OpenKey key, Guid id)
    {
        var derived = new byte[CobblestoneFormat.KeyBytes];
        byte[] info = [.. "CloudStore staged content "u8, .. id.ToByteArray(bigEndian: true)];
        return key.Derive(info, derived) ? derived : throw new ProblemException(ProblemKind.Unavailable, "The tenant's keys are changing at this moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
    }
}
