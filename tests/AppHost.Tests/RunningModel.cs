using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace CloudStore.AppHost.Tests;

/// <summary>The whole model of AppHost.cs, started once for the tests, with an operator's key and without the developer's data.</summary>
public sealed class RunningModel : IAsyncLifetime
{
    // The first start pulls images.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(10);

    private DistributedApplication? _app;

    /// <summary>The operator's key that the keeper is given for its first start.</summary>
    public string BootstrapKey { get; } = $"cs_apphost-tests_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(StartLimit);
        string[] settings = [$"--Access:BootstrapKey={BootstrapKey}"];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(settings, limit.Token);
        RemoveVolumes(builder);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("api", limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("ingestion", limit.Token);
    }

    /// <summary>A client of a service, with the operator's key.</summary>
    public HttpClient Client(string resource)
    {
        var client = _app!.CreateHttpClient(resource);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", BootstrapKey);
        return client;
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    // A volume keeps its data from run to run: tests would find the developer's, and leave theirs.
    private static void RemoveVolumes(IDistributedApplicationTestingBuilder builder)
    {
        foreach (var resource in builder.Resources)
        {
            foreach (var volume in resource.Annotations.OfType<ContainerMountAnnotation>().Where(m => m.Type == ContainerMountType.Volume).ToList())
            {
                resource.Annotations.Remove(volume);
            }
        }
    }
}
