namespace CloudStore.Storage.Cache.Shared;

/// <summary>Wakes a loop before its time; rung often while it works it wakes it once.</summary>
internal sealed class Bell
{
    private volatile TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Ring() => _rung.TrySetResult();

    /// <summary>Waits until it rings, at most so long; takes the ring away.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        var rung = _rung;
        await rung.Task.WaitAsync(most, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (rung.Task.IsCompleted)
        {
            _rung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
