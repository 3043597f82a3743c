using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class RealStoresTests
{
    [Fact]
    public async Task Postgres_keeps_what_a_pooled_context_saves_and_is_healthy()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var database = await PostgresDatabase.CreateAsync(cancellation);
        await using var app = await StartAsync("records", database.ConnectionString, builder => builder.AddNpgsqlDbContext<ThingContext>("records"));

        await using var scope = app.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<ThingContext>();
        await context.Database.EnsureCreatedAsync(cancellation);
        context.Things.Add(new Thing { Name = "spend" });
        await context.SaveChangesAsync(cancellation);

        Assert.Equal(1L, await database.ScalarAsync("SELECT count(*) FROM \"Things\"", cancellation));
        await AssertHealthyAsync(app, nameof(ThingContext));
    }

    [Fact]
    public async Task A_database_that_is_gone_makes_health_say_why()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var database = await PostgresDatabase.CreateAsync(cancellation);
        await database.DisposeAsync();
        await using var app = await StartAsync("records", database.ConnectionString, builder => builder.AddNpgsqlDbContext<ThingContext>("records"));

        var (status, store) = await HealthAsync(app);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(nameof(ThingContext), store.GetProperty("name").GetString());
        Assert.Contains(database.Name, store.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_keeps_a_value_and_is_healthy()
    {
        await using var app = await StartAsync("cache", TestServers.Redis, builder => builder.AddRedisClient("cache"));
        var redis = app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        RedisKey key = Guid.CreateVersion7().ToString();

        await redis.StringSetAsync(key, "value", TimeSpan.FromMinutes(1));

        Assert.Equal("value", await redis.StringGetAsync(key));
        await AssertHealthyAsync(app, "StackExchange.Redis");
    }

    [Fact]
    public async Task Blob_storage_keeps_a_file_and_is_healthy()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var app = await StartAsync("files", TestServers.Azurite, builder => builder.AddAzureBlobServiceClient("files"));
        var container = app.Services.GetRequiredService<BlobServiceClient>().GetBlobContainerClient(Guid.CreateVersion7().ToString("N"));

        await container.CreateAsync(cancellationToken: cancellation);
        await container.UploadBlobAsync("a.csv", BinaryData.FromString("id,spend"), cancellation);
        var content = await container.GetBlobClient("a.csv").DownloadContentAsync(cancellation);
        await container.DeleteAsync(cancellationToken: cancellation);

        Assert.Equal("id,spend", content.Value.Content.ToString());
        await AssertHealthyAsync(app, "Azure_BlobServiceClient");
    }

    private static async Task<WebApplication> StartAsync(string name, string connectionString, Action<IHostApplicationBuilder> add)
    {
        var builder = LocalServer.CreateBuilder(($"ConnectionStrings:{name}", connectionString));
        builder.AddServiceDefaults();
        add(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task AssertHealthyAsync(WebApplication app, string name)
    {
        var (status, store) = await HealthAsync(app);
        Assert.Equal((HttpStatusCode.OK, name, "healthy"), (status, store.GetProperty("name").GetString(), store.GetProperty("state").GetString()));
        Assert.True(store.GetProperty("latencyMs").GetDouble() > 0);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Store)> HealthAsync(WebApplication app)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Address()) };
        using var response = await client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return (response.StatusCode, Assert.Single(body.GetProperty("stores").EnumerateArray()));
    }
}
