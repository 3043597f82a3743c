using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace CloudStore.AppHost.Tests;

public sealed class ImportThroughTheModelTests(RunningModel model) : IClassFixture<RunningModel>
{
    private const string Campaigns = """
        campaignId,date,platform,channel,spend,impressions,clicks,conversions,revenue
        c-1,2026-01-05,Facebook,social,100.50,10000,200,10,402.00
        c-2,2026-01-05,Facebook,social,49.50,5000,100,5,48.00
        c-3,2026-01-05,Google,search,200.00,8000,400,20,1000.00
        """;

    private static readonly TimeSpan ImportLimit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_CSV_goes_in_through_Api_and_Ingestion_and_its_sums_come_out_per_platform()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(ImportLimit);
        using var client = model.Client("api");

        var job = await FinishAsync(client, await PostAsync(client, limit.Token), limit.Token);

        Assert.Equal("succeeded", job.GetProperty("status").GetString());
        Assert.Equal(3, job.GetProperty("rowsLoaded").GetInt32());
        Assert.Equal(0, job.GetProperty("rowsRejected").GetInt32());
        var metrics = await client.GetFromJsonAsync<JsonElement>("/v1/campaigns/metrics?groupBy=platform", limit.Token);
        var groups = metrics.GetProperty("groups").EnumerateArray().ToDictionary(g => g.GetProperty("key").GetString()!);
        Assert.Equal(["Facebook", "Google"], groups.Keys.Order());
        Assert.Equal(150.00m, groups["Facebook"].GetProperty("spend").GetDecimal());
        Assert.Equal(3m, groups["Facebook"].GetProperty("roas").GetDecimal());
        Assert.Equal(5m, groups["Google"].GetProperty("roas").GetDecimal());
        Assert.Equal(350.00m, metrics.GetProperty("total").GetProperty("spend").GetDecimal());
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("api")]
    [InlineData("ingestion")]
    public async Task Every_service_is_healthy_on_its_stores(string service)
    {
        using var client = model.Client(service);

        var health = await client.GetFromJsonAsync<JsonElement>("/health", TestContext.Current.CancellationToken);

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.NotEmpty(health.GetProperty("stores").EnumerateArray());
    }

    [Fact]
    public async Task A_caller_without_a_key_is_refused()
    {
        using var client = model.Client("api");
        client.DefaultRequestHeaders.Authorization = null;

        using var response = await client.GetAsync(new Uri("/v1/campaigns", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static async Task<Uri> PostAsync(HttpClient client, CancellationToken cancellation)
    {
        using var body = new StringContent(Campaigns, Encoding.UTF8, "text/csv");
        using var response = await client.PostAsync(new Uri("/v1/imports?target=campaigns", UriKind.Relative), body, cancellation);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!;
    }

    private static async Task<JsonElement> FinishAsync(HttpClient client, Uri job, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var state = await client.GetFromJsonAsync<JsonElement>(job, cancellation);
            if (state.GetProperty("status").GetString() is not ("queued" or "running"))
            {
                return state;
            }

            await timer.WaitForNextTickAsync(cancellation);
        }
    }
}
