using System.Security.Cryptography;
using CloudStore.Storage.Files.Cobblestone;

namespace CloudStore.Storage.Files.Frames;

/// <summary>Content as a stream that can seek: the next frames are read, decrypted and decompressed while one is being used. Disposing it disposes the reader.</summary>
/// <param name="sha256">Where given, a reading from beginning to end fails at its last bytes if the content has another hash.</param>
public sealed class FrameStream(FrameReader reader, string? sha256 = null) : Stream
{
    private readonly Queue<Task<FrameData>> _coming = new();
    private readonly int _ahead = FrameBuffers.TakeAhead();
    private readonly IncrementalHash? _hash = sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task _hashed = Task.CompletedTask;
    private FrameData? _frame;
    private int _used;
    private long _next;
    private long _position;
    private long _end = reader.Index.Length;
    private bool _inOrder = true;
    private bool _disposed;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => reader.Index.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            if (value != _position)
            {
                Restart(value);
            }
        }
    }

    /// <summary>From here on nothing behind <paramref name="end"/> is read.</summary>
    public void StopAt(long end)
    {
        _end = Math.Min(end, Length);
        Restart(_position);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _position >= _end)
        {
            return 0;
        }

        if (_frame is null || _used == _frame.Count)
        {
            await NextAsync(cancellationToken);
        }

        int take = Math.Min(buffer.Length, _frame!.Count - _used);
        _frame.Span.Slice(_used, take).CopyTo(buffer.Span);
        _used += take;
        _position += take;
        return take;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Writes all that is left, frame by frame, without a copy.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        while (_position < _end)
        {
            if (_frame is null || _used == _frame.Count)
            {
                await NextAsync(cancellationToken);
            }

            await destination.WriteAsync(_frame!.Buffer.AsMemory(_frame.Offset + _used, _frame.Count - _used), cancellationToken);
            _position += _frame.Count - _used;
            _used = _frame.Count;
        }
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await ReleaseAsync();
        }

        await base.DisposeAsync();
    }

    private async Task ReleaseAsync()
    {
        FrameBuffers.ReturnAhead(_ahead);
        // Frames that are being read use the reader until they are done.
        await Task.WhenAll([_hashed, .. _coming]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Drop();
        _hash?.Dispose();
        await reader.DisposeAsync();
    }

    private async Task NextAsync(CancellationToken cancellationToken)
    {
        _frame?.Dispose();
        (_frame, _used) = (null, 0);
        while (_next < _end && _coming.Count <= _ahead)
        {
            int frame = (int)(_next >> FrameIndex.FrameBits), from = (int)(_next & (FrameIndex.FrameBytes - 1));
            int to = (int)Math.Min(FrameIndex.FrameBytes, _end - ((long)frame << FrameIndex.FrameBits));
            _coming.Enqueue(Hashed(Task.Run(() => reader.ReadAsync(frame, from, to, cancellationToken), cancellationToken)));
            _next += to - from;
        }

        bool last = _coming.Count == 1 && _next >= _end;
        _frame = await _coming.Peek();
        _ = _coming.Dequeue();
        if (last && _hash is not null && _inOrder && _end == Length && Convert.ToHexStringLower(_hash.GetCurrentHash()) != sha256)
        {
            throw new DamagedContentException(null, "the hash of the whole content is another one");
        }
    }

    private Task<FrameData> Hashed(Task<FrameData> read)
    {
        if (_hash is null || !_inOrder)
        {
            return read;
        }

        var before = _hashed;
        var hashed = Task.Run(async () =>
        {
            var data = await read;
            await before;
            _hash.AppendData(data.Span);
            return data;
        });
        _hashed = hashed;
        return hashed;
    }

    private void Restart(long position)
    {
        _inOrder = _inOrder && _position == 0 && position == 0 && _next == 0;
        Drop();
        (_position, _next) = (position, position);
    }

    private void Drop()
    {
        _frame?.Dispose();
        (_frame, _used) = (null, 0);
        while (_coming.TryDequeue(out var task))
        {
            _ = ReleaseAsync(task);
        }
    }

    private static async Task ReleaseAsync(Task<FrameData> read)
    {
        await read.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (read.IsCompletedSuccessfully)
        {
            (await read).Dispose();
        }
    }
}
