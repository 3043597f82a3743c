using CloudStore.Storage.Records.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Api.Tests.Lifecycle;

/// <summary>Servers whose spool is replayed when the test does it, and by nobody else: the service that does it of itself begins whenever the machine gets to it.</summary>
internal static class StillSpool
{
    public static async Task<ApiServer> StartAsync(Provider provider, params (string Name, string? Value)[] settings)
    {
        var server = await ApiServer.StartAsync(
            provider,
            settings: _ => settings.ToDictionary(s => s.Name, s => s.Value),
            configure: b => b.Services.Remove(b.Services.Single(d => d.ServiceType == typeof(IHostedService) && d.ImplementationType == typeof(SpoolReplayer))));
        server.App.Services.GetRequiredService<Spool>().Open();
        return server;
    }
}
