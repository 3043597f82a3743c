using CloudStore.Storage.Cache.Memory;

namespace CloudStore.Storage.Cache.Loading;

/// <summary>Which calls wait for the same load: those for one key that ask for the same type and leave out the same layers.</summary>
internal readonly record struct FlightKey(string Key, Type Type, Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags Without);

/// <summary>A load that is under way, and the callers who wait for it.</summary>
internal abstract class Flight(FlightKey key, KeyStamp stamp) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private KeyStamp _stamp = stamp;
    private TagState[] _tags = [];
    private IAsyncDisposable? _lease;
    private int _callers = 1;

    public FlightKey Key { get; } = key;

    /// <summary>From before the value was read or computed.</summary>
    public KeyStamp Stamp
    {
        get => Volatile.Read(ref _stamp);
        set => Volatile.Write(ref _stamp, value);
    }

    /// <summary>Of the value that is being computed.</summary>
    public TagState[] Tags
    {
        get => Volatile.Read(ref _tags);
        set => Volatile.Write(ref _tags, value);
    }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <returns>False when all have left and it is being cancelled.</returns>
    public bool TryJoin()
    {
        int before;
        do
        {
            before = Volatile.Read(ref _callers);
            if (before == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _callers, before + 1, before) != before);
        return true;
    }

    /// <summary>For a caller who does not wait any more; when that was the last, the load is cancelled.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _callers) == 0)
        {
            _cancellation.Cancel();
        }
    }

    /// <summary>True while what it reads or computes is good for a caller who comes now.</summary>
    public bool IsGoodFor(TenantSpace space)
    {
        var stamp = Stamp;
        return space.IsUntouched(stamp) && TagStrategy.IsValid(space, Key.Key, stamp.Position, Tags);
    }

    /// <summary>Keeps the right to run the factory until <see cref="ReleaseAsync"/>.</summary>
    public void Hold(IAsyncDisposable? lease) => _lease = lease;

    /// <summary>Gives the lease back, once: at the end, or before it when the value has become invalid and another load is to make it anew.</summary>
    public ValueTask ReleaseAsync() => Interlocked.Exchange(ref _lease, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    public void Dispose() => _cancellation.Dispose();
}

/// <inheritdoc/>
internal sealed class Flight<T>(FlightKey key, KeyStamp stamp) : Flight(key, stamp)
{
    private readonly TaskCompletionSource<Loaded<T>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Loaded<T>? _fallback;

    public Task<Loaded<T>> Task => _done.Task;

    /// <summary>A stale value that the shared layer had, for callers who do not get a fresh one.</summary>
    public Loaded<T>? Fallback
    {
        get => Volatile.Read(ref _fallback);
        set => Volatile.Write(ref _fallback, value);
    }

    public void Complete(Loaded<T> loaded) => _done.SetResult(loaded);

    public void Fail(Exception failure)
    {
        _done.SetException(failure);
        // Whoever started it may have left; the failure is theirs who wait.
        _ = _done.Task.Exception;
    }
}
