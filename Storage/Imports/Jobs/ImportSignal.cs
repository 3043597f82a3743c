namespace CloudStore.Storage.Imports.Jobs;

/// <summary>Tells the workers of this process that there is a job, so that they need not wait for their next look at the queue.</summary>
public sealed class ImportSignal : IDisposable
{
    private readonly SemaphoreSlim _jobs = new(0);

    public void Announce() => _jobs.Release();

    /// <summary>Returns when a job was announced or the time is over.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken cancellationToken) => _jobs.WaitAsync(most, cancellationToken);

    public void Dispose() => _jobs.Dispose();
}
