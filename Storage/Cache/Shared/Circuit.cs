namespace CloudStore.Storage.Cache.Shared;

/// <summary>Whether this process uses Redis. Counts failures in a row, in no time but their own order.</summary>
/// <param name="failures">After so many it opens.</param>
/// <param name="opened">Told why, once each time.</param>
internal sealed class Circuit(int failures, Action<string> opened) : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _open = new();
    private int _count;

    public bool IsOpen => _open.IsCancellationRequested;

    /// <summary>Cancelled while it is open.</summary>
    public CancellationToken Opened => _open.Token;

    public void Succeeded()
    {
        if (Volatile.Read(ref _count) != 0)
        {
            Volatile.Write(ref _count, 0);
        }
    }

    public void Failed(string reason)
    {
        if (Interlocked.Increment(ref _count) >= failures)
        {
            Open(reason);
        }
    }

    public void Open(string reason)
    {
        lock (_lock)
        {
            if (IsOpen)
            {
                return;
            }

            _open.Cancel();
        }

        opened(reason);
    }

    public void Dispose() => _open.Dispose();

    public void Close()
    {
        lock (_lock)
        {
            if (IsOpen)
            {
                _open = new CancellationTokenSource();
                _count = 0;
            }
        }
    }
}
