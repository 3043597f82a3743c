using Azure.Storage.Blobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class ConnectionStringTests
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    [Fact]
    public void A_database_without_a_connection_string_is_refused_with_the_setting_to_set()
    {
        using var services = Services([], builder => builder.AddNpgsqlDbContext<ThingContext>("records"));

        var error = Assert.Throws<InvalidOperationException>(() => services.CreateScope().ServiceProvider.GetRequiredService<ThingContext>());

        Assert.Contains("ConnectionStrings:records", error.Message, StringComparison.Ordinal);
        Assert.Contains(Section, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Redis_without_a_connection_string_is_refused_with_the_setting_to_set()
    {
        using var services = Services([], builder => builder.AddRedisClient("cache"));

        var error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<IConnectionMultiplexer>);

        Assert.Contains("ConnectionStrings:cache", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blob_storage_without_a_connection_string_is_refused_with_the_setting_to_set()
    {
        using var services = Services([], builder => builder.AddAzureBlobServiceClient("files"));

        var error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<BlobServiceClient>);

        Assert.Contains("ConnectionStrings:files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_is_reached_by_its_connection_string_with_retries_and_the_configured_time_limit()
    {
        using var services = Services(
            [("ConnectionStrings:records", "Host=db;Database=cloudstore"), ($"{Section}:CommandTimeout", "7")],
            builder => builder.AddNpgsqlDbContext<ThingContext>("records"));
        using var scope = services.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<ThingContext>().Database;

        Assert.Equal("Host=db;Database=cloudstore", database.GetConnectionString());
        Assert.Equal(7, database.GetCommandTimeout());
        Assert.True(database.CreateExecutionStrategy().RetriesOnFailure);
    }

    [Fact]
    public void Retries_can_be_turned_off_and_options_changed_in_code()
    {
        using var services = Services(
            [("ConnectionStrings:records", "Host=db")],
            builder => builder.AddNpgsqlDbContext<ThingContext>(
                "records",
                settings => settings.DisableRetry = true,
                options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)));
        using var scope = services.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<ThingContext>();

        Assert.False(context.Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Equal(QueryTrackingBehavior.NoTracking, context.ChangeTracker.QueryTrackingBehavior);
    }

    [Fact]
    public void Blob_storage_is_reached_by_a_connection_string_or_by_a_URI()
    {
        const string Account = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;" +
            "BlobEndpoint=http://127.0.0.1:1/devstoreaccount1";
        using var byString = Services([("ConnectionStrings:files", Account)], builder => builder.AddAzureBlobServiceClient("files"));
        using var byUri = Services([("ConnectionStrings:files", "https://an.example/")], builder => builder.AddAzureBlobServiceClient("files"));

        Assert.Equal("devstoreaccount1", byString.GetRequiredService<BlobServiceClient>().AccountName);
        Assert.Equal("https://an.example/", byUri.GetRequiredService<BlobServiceClient>().Uri.AbsoluteUri);
    }

    private static ServiceProvider Services((string, string?)[] settings, Action<IHostApplicationBuilder> add)
    {
        var builder = LocalServer.CreateBuilder(settings);
        add(builder);
        return builder.Services.BuildServiceProvider();
    }
}
