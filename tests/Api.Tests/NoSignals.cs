using Microsoft.Extensions.Hosting;

namespace CloudStore.Api.Tests;

/// <summary>
/// Leaves signals to the process. The usual lifetime answers SIGTERM by asking its own host to stop, which nobody waits for in a test: the test process itself
/// would go on.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
