using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>Asks for the first page of containers, which every account answers and only an allowed caller gets.</summary>
internal sealed class BlobHealthCheck(IServiceProvider services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var client = services.GetRequiredService<BlobServiceClient>();
        await using var pages = client.GetBlobContainersAsync(cancellationToken: cancellationToken).AsPages(pageSizeHint: 1)
            .GetAsyncEnumerator(cancellationToken);
        await pages.MoveNextAsync();
        return HealthCheckResult.Healthy();
    }
}
