using System.Security.Cryptography;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>
/// A request's body, of which what has arrived is kept when its connection breaks: it then ends, and says so. It is read in pieces of a limited length and may be hashed on the way.
/// </summary>
internal sealed class ArrivingBody(Stream body, long most, IncrementalHash? hash) : ReadOnlyStream
{
    private long _left;

    /// <summary>Bytes that have arrived.</summary>
    public long Bytes { get; private set; }

    /// <summary>The connection broke, or the body has more bytes than it may.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>There is nothing more.</summary>
    public bool Ended { get; private set; }

    /// <summary>Goes on for that many bytes.</summary>
    public void Continue(long bytes) => _left = bytes;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || Ended)
        {
            return 0;
        }

        int read;
        try
        {
            read = await body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            (Failure, Ended) = (e, true);
            return 0;
        }

        Ended = read == 0;
        Bytes += read;
        _left -= read;
        hash?.AppendData(buffer.Span[..read]);
        if (Bytes > most)
        {
            throw new ServiceDefaults.Problems.ProblemException(ServiceDefaults.Problems.ProblemKind.TooLarge, $"There are more bytes than the {most:N0} that the upload still takes.");
        }

        return read;
    }
}
