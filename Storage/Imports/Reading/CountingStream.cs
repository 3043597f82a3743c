namespace CloudStore.Storage.Imports.Reading;

/// <summary>The source as stored, with the number of its bytes taken so far. Owns the source.</summary>
internal sealed class CountingStream(Stream source) : ReadOnlyStream
{
    public long Count { get; private set; }

    public bool SourceCanSeek => source.CanSeek;

    /// <summary>Goes on at a byte of the source; the bytes before it count as taken.</summary>
    public void ContinueAt(long position)
    {
        source.Position = position;
        Count = position;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await source.ReadAsync(buffer, cancellationToken);
        Count += read;
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await base.DisposeAsync();
    }
}
