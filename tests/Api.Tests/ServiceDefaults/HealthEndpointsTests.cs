using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task A_service_whose_stores_answer_is_healthy_and_lists_each_with_its_latency()
    {
        var (status, body) = await GetAsync("/health", checks => checks
            .AddCheck("records", () => HealthCheckResult.Healthy())
            .AddCheck("cache", () => HealthCheckResult.Healthy("3 keys")));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("healthy", body.GetProperty("status").GetString());
        var stores = body.GetProperty("stores").EnumerateArray().ToList();
        Assert.Equal(["cache", "records"], stores.Select(s => s.GetProperty("name").GetString()!));
        Assert.All(stores, s => Assert.Equal("healthy", s.GetProperty("state").GetString()));
        Assert.All(stores, s => Assert.True(s.GetProperty("latencyMs").GetDouble() >= 0));
        Assert.Equal("3 keys", stores[0].GetProperty("description").GetString());
        Assert.False(stores[1].TryGetProperty("error", out _));
    }

    [Fact]
    public async Task A_store_that_is_away_makes_the_answer_503_with_its_name_and_the_reason()
    {
        var (status, body) = await GetAsync("/health", checks => checks
            .AddCheck("records", () => throw new InvalidOperationException("connection refused"))
            .AddCheck("files", () => HealthCheckResult.Healthy()));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("unhealthy", body.GetProperty("status").GetString());
        var records = body.GetProperty("stores").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "records");
        Assert.Equal("unhealthy", records.GetProperty("state").GetString());
        Assert.Equal("connection refused", records.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_degraded_store_is_said_to_be_so_and_the_service_stays_in_use()
    {
        var (status, body) = await GetAsync("/health", checks => checks.AddCheck("cache", () => HealthCheckResult.Degraded("one of two replicas")));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("degraded", body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_process_is_alive_while_its_stores_are_away()
    {
        var (status, body) = await GetAsync("/alive", checks => checks.AddCheck("records", () => HealthCheckResult.Unhealthy()));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("healthy", body.GetProperty("status").GetString());
        Assert.DoesNotContain(body.GetProperty("stores").EnumerateArray(), s => s.GetProperty("name").GetString() == "records");
    }

    [Fact]
    public async Task A_check_that_hangs_is_cut_off_and_reported()
    {
        var (status, body) = await GetAsync("/health", checks => checks.AddAsyncCheck(
            "records",
            async cancellation =>
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellation);
                return HealthCheckResult.Healthy();
            },
            timeout: TimeSpan.FromMilliseconds(20)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("unhealthy", body.GetProperty("stores")[0].GetProperty("state").GetString());
    }

    [Fact]
    public void A_check_without_a_time_limit_gets_one()
    {
        var builder = LocalServer.CreateBuilder();
        builder.AddServiceDefaults();
        builder.Services.AddHealthChecks().AddCheck("records", () => HealthCheckResult.Healthy());
        using var services = builder.Services.BuildServiceProvider();

        var options = services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>().Value;

        Assert.All(options.Registrations, r => Assert.NotEqual(Timeout.InfiniteTimeSpan, r.Timeout));
    }

    [Fact]
    public async Task Redis_that_is_away_is_named()
    {
        var builder = LocalServer.CreateBuilder(("ConnectionStrings:cache", "127.0.0.1:1,connectTimeout=100,connectRetry=1"));
        builder.AddServiceDefaults();
        builder.AddRedisClient("cache");
        await using var app = builder.Build();
        app.MapDefaultEndpoints();

        var (status, body) = await GetAsync(app, "/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Redis", body.GetProperty("stores")[0].GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(body.GetProperty("stores")[0].GetProperty("error").GetString()!);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, Action<IHealthChecksBuilder> add)
    {
        var builder = LocalServer.CreateBuilder();
        builder.AddServiceDefaults();
        add(builder.Services.AddHealthChecks());
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        return await GetAsync(app, path);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(WebApplication app, string path)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await app.StartAsync(cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(app.Address()) };
        using var response = await client.GetAsync(path, cancellation);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
        return (response.StatusCode, body.RootElement.Clone());
    }
}
