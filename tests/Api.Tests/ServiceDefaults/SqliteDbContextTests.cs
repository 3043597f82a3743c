using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class SqliteDbContextTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloudstore-sqlite").FullName;

    private string File => Path.Combine(_folder, "records.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_one_context_saves_in_the_file_another_reads()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using (var services = Services())
        {
            await using var scope = services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<ThingContext>();
            await context.Database.EnsureCreatedAsync(cancellation);
            context.Things.Add(new Thing { Name = "spend" });
            await context.SaveChangesAsync(cancellation);
        }

        await using (var services = Services())
        {
            await using var scope = services.CreateAsyncScope();
            var names = await scope.ServiceProvider.GetRequiredService<ThingContext>().Things.Select(t => t.Name).ToListAsync(cancellation);
            Assert.Equal(["spend"], names);
        }

        Assert.True(new FileInfo(File).Length > 0);
    }

    [Fact]
    public async Task Its_health_check_passes_and_has_the_stores_name()
    {
        await using var services = Services();

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Healthy, report.Entries["records"].Status);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_reported()
    {
        var text = string.Concat(Enumerable.Repeat("not a database. ", 100));
        await System.IO.File.WriteAllTextAsync(File, text, TestContext.Current.CancellationToken);
        await using var services = Services();

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Unhealthy, report.Entries["records"].Status);
        Assert.Contains("not a database", report.Entries["records"].Exception?.Message, StringComparison.Ordinal);
    }

    private ServiceProvider Services()
    {
        var builder = LocalServer.CreateBuilder();
        builder.AddSqliteDbContext<ThingContext>("records", $"Data Source={File};Pooling=False");
        return builder.Services.BuildServiceProvider();
    }
}
