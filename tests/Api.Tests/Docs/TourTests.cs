using CloudStore.Ingestion;

namespace CloudStore.Api.Tests.Docs;

/// <summary>What the pages tell a reader to type works as it stands, and prints what they show.</summary>
public sealed class TourTests
{
    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_readme_s_tour_runs_as_it_stands(Provider provider)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "The tour is written for bash.");
        await using var server = await ApiServer.StartAsync(provider, configure: b => b.AddIngestion(), map: app => app.MapIngestion());
        var tour = Tour.Of("README.md");
        Assert.True(tour.Count > 8);
        await tour.RunAsync(server, TestContext.Current.CancellationToken);
    }
}
