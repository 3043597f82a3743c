namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// The part of the decoded content that a reader looks at: consumed from the front, filled at the back, grown only when one row needs more
/// room. Counts the decoded bytes and enforces <see cref="ReadOptions.MaxDecodedBytes"/>.
/// </summary>
internal sealed class ByteWindow(Stream content, long maxDecodedBytes, long offset = 0) : IAsyncDisposable
{
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 * 1024);
    private int _start;
    private int _end;

    /// <summary>Decoded bytes in front of the window.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Nothing comes behind what is in the window.</summary>
    public bool Ended { get; private set; }

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    public void Consume(int count)
    {
        _start += count;
        Offset += count;
    }

    /// <summary>Takes what one read of the content gives; with nothing given, <see cref="Ended"/> becomes true.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        int read = await content.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        Ended = read == 0;
        if (Offset + _end - _start > maxDecodedBytes)
            throw new UnreadableFileException("too-large", $"The file holds more than {maxDecodedBytes} bytes, the most accepted (setting Imports:MaxDecodedBytes).");
    }

    /// <summary>Fills until so many bytes are in the window or the content ends.</summary>
    public async ValueTask FillToAsync(int count, CancellationToken cancellationToken)
    {
        while (!Ended && _end - _start < count) await FillAsync(cancellationToken);
    }

    /// <summary>Drops bytes until <see cref="Offset"/> is <paramref name="target"/>. False where the content ends before.</summary>
    public async ValueTask<bool> SkipToAsync(long target, CancellationToken cancellationToken)
    {
        while (true)
        {
            Consume((int)Math.Min(target - Offset, _end - _start));
            if (Offset == target) return true;
            if (Ended) return false;
            await FillAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => content.DisposeAsync();

    private void MakeRoom()
    {
        // Sources that give a few bytes at a time must not cost a move for each of them.
        if (_buffer.Length - _end >= _buffer.Length / 2) return;
        int length = _end - _start;
        byte[] target = _buffer;
        // Half of the buffer free keeps the number of moves of a long row logarithmic.
        if (length > _buffer.Length / 2) target = GC.AllocateUninitializedArray<byte>(checked(_buffer.Length * 2));
        else if (_start == 0) return;
        _buffer.AsSpan(_start, length).CopyTo(target);
        _buffer = target;
        _start = 0;
        _end = length;
    }
}
