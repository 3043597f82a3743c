using CloudStore.Ingestion;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Docs;

/// <summary>What the pages tell a reader to type works as it stands, and prints what they show.</summary>
public sealed class TourTests
{
    private static readonly string[] Walked =
    [
        "README.md", "docs/access.md", "docs/audit.md", "docs/cache.md", "docs/campaigns.md", "docs/exports.md", "docs/files.md", "docs/imports.md", "docs/lifecycle.md", "docs/problems.md", "docs/protection.md",
        "docs/retail.md", "docs/streams.md", "docs/voice.md",
    ];

    public static MatrixTheoryData<string, Provider> Pages() => new(Walked, Enum.GetValues<Provider>());

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task What_a_page_shows_runs_as_it_stands(string page, Provider provider)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "The pages are written for bash.");
        await using var server = await ApiServer.StartAsync(provider, configure: b => b.AddIngestion(), map: app => app.MapIngestion());
        await Tour.Of(page).RunAsync(server, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void No_page_shows_a_call_that_is_not_run()
    {
        var folder = RepositoryRoot.Find()!.FullName;
        foreach (var page in Directory.GetFiles(Path.Combine(folder, "docs"), "*.md").Append(Path.Combine(folder, "README.md")).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')))
        {
            var tour = Tour.Of(page);
            Assert.Empty(tour.CallsElsewhere);
            Assert.True(tour.Calls > 0 == Walked.Contains(page), $"{page} is to be walked if it shows calls, and only then; it shows {tour.Calls}.");
        }
    }
}
