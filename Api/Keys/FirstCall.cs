using System.Net;
using CloudStore.Storage.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CloudStore.Api.Keys;

/// <summary>After the first start, shows a call that works as it stands: with the new key, at the address that this process listens on.</summary>
internal sealed class FirstCall(IServer server, AccessBootstrap bootstrap) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        // The addresses are known only now: a port that was left open has been chosen.
        if (Address(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []) is { } address)
        {
            await bootstrap.ShowCallAsync(address);
        }
    }

    /// <summary>The first of the addresses, as a client on this machine writes it; null where a client needs more than an address, as for a Unix socket.</summary>
    internal static string? Address(IEnumerable<string> addresses)
    {
        foreach (var text in addresses)
        {
            var binding = BindingAddress.Parse(text);
            if (!binding.IsUnixPipe && !binding.IsNamedPipe)
            {
                bool any = binding.Host is "*" or "+" || IPAddress.TryParse(binding.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
                return $"{binding.Scheme}://{(any ? "localhost" : binding.Host)}:{binding.Port}{binding.PathBase}";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
