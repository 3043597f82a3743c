using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudStore.Ingestion;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace CloudStore.Api.Tests.Imports;

/// <summary>A server that loads files as well, and the calls that tests of imports make.</summary>
internal sealed class ImportHost : IAsyncDisposable
{
    private ImportHost(ApiServer server) => Server = server;

    public ApiServer Server { get; }

    public HttpClient Client => Server.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ImportHost> StartAsync(Provider provider, params (string Name, string Value)[] settings) =>
        new(await ApiServer.StartAsync(provider, configure: b => Configure(b, settings), map: app => app.MapIngestion()));

    /// <summary>Sends a file and gives the answer, whatever it is.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string query, byte[] file)
    {
        using var answer = await Client.PostAsync($"/v1/imports?{query}", new ByteArrayContent(file), Token);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    /// <summary>Loads a file into campaigns and gives the job at its end.</summary>
    public Task<JsonElement> LoadAsync(string file, string query = "target=campaigns") => LoadAsync(Encoding.UTF8.GetBytes(file), query);

    public async Task<JsonElement> LoadAsync(byte[] file, string query = "target=campaigns")
    {
        var (status, job) = await PostAsync(query, file);
        Assert.True(status is HttpStatusCode.Accepted, job.ToString());
        return await EndAsync(job.GetProperty("id").GetString()!);
    }

    public async Task<JsonElement> EndAsync(string id)
    {
        JsonElement job = default;
        await Eventually.Async(async () =>
        {
            job = await Client.GetFromJsonAsync<JsonElement>($"/v1/imports/{id}", Token);
            return job.GetProperty("status").GetString() is not ("queued" or "running");
        }, TimeSpan.FromMinutes(5), $"import {id} to end");
        return job;
    }

    public Task<string> RejectsAsync(JsonElement job) => Client.GetStringAsync($"/v1/imports/{job.GetProperty("id").GetString()}/rejects", Token);

    public async Task<JsonElement> TotalAsync() =>
        (await Client.GetFromJsonAsync<JsonElement>("/v1/campaigns/metrics?groupBy=platform", Token)).GetProperty("total");

    public async Task<JsonElement[]> CampaignsAsync() =>
        [.. (await Client.GetFromJsonAsync<JsonElement>("/v1/campaigns?limit=1000&sort=campaignName", Token)).GetProperty("items").EnumerateArray()];

    /// <summary>rowsRead, rowsLoaded, rowsUpdated, rowsSkipped, rowsRejected.</summary>
    public static (long Read, long Loaded, long Updated, long Skipped, long Rejected) Counts(JsonElement job)
    {
        long Count(string name) => job.GetProperty(name).GetInt64();
        return (Count("rowsRead"), Count("rowsLoaded"), Count("rowsUpdated"), Count("rowsSkipped"), Count("rowsRejected"));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static void Configure(WebApplicationBuilder builder, (string Name, string Value)[] settings)
    {
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        builder.AddIngestion();
    }
}
