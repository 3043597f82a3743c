namespace CloudStore.Storage.Imports.Reading;

/// <summary>A stream and then a few bytes more. Owns the stream.</summary>
internal sealed class SuffixedStream(Stream first, ReadOnlyMemory<byte> suffix) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _suffix = suffix;
    private bool _firstEnded;

    /// <summary>The first stream is at its end, and bytes behind it were handed out. One read never gives bytes of both.</summary>
    public bool SuffixTaken { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_firstEnded)
        {
            // As much as there is room for: a decompressor that gets a member's first two bytes apart takes them for an end.
            int read = await first.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            _firstEnded = read < buffer.Length;
            if (read > 0) return read;
        }

        int taken = Math.Min(buffer.Length, _suffix.Length);
        SuffixTaken = true;
        _suffix[..taken].CopyTo(buffer);
        _suffix = _suffix[taken..];
        return taken;
    }

    public override async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        await base.DisposeAsync();
    }
}
