using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>Connects when the host starts, so that the first request does not wait for it.</summary>
internal sealed class RedisActivation(IConnectionMultiplexer redis) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The constructor's parameter has connected.
        _ = redis;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
