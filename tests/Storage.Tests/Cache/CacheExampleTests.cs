using CloudStore.Storage.Cache;
using CloudStore.TestKit;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>The example that docs/cache.md opens with, as it stands there.</summary>
public sealed class CacheExampleTests
{
    private int _asked;

    [Fact]
    public async Task The_example_runs_and_prints_what_the_page_says()
    {
        var output = new StringWriter();
        await RunAsync(new ServiceCollection(), output, "c-1");
        Assert.Equal("42 42 43", output.ToString().Trim());
        Assert.Equal(2, _asked);
    }

    [Fact]
    public void The_page_shows_it_as_it_is_run()
    {
        var root = RepositoryRoot.Find();
        Assert.SkipWhen(root is null, "The tests run from somewhere else.");
        Assert.Contains(Shown(Path.Combine(root.FullName, "tests/Storage.Tests/Cache/CacheExampleTests.cs"), "// The example begins.", "// The example ends."),
            File.ReadAllText(Path.Combine(root.FullName, "docs/cache.md")), StringComparison.Ordinal);
    }

    private async Task RunAsync(IServiceCollection services, TextWriter output, string id)
    {
        // The example begins.
        services.AddCloudStoreCache();

        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();
        for (int i = 0; i < 3; i++)
        {
            if (i == 2)
            {
                await cache.RemoveByTagAsync("campaigns");
            }

            int clicks = await cache.GetOrCreateAsync($"clicks/{id}", id, CountClicksAsync, tags: ["campaigns"]);
            await output.WriteAsync($"{clicks} ");
        }
        // The example ends.
    }

    private ValueTask<int> CountClicksAsync(string id, CancellationToken cancellationToken) => new(42 + _asked++);

    private static string Shown(string file, string begin, string end) => string.Join('\n', File.ReadAllLines(file)
        .SkipWhile(line => line.Trim() != begin).Skip(1).TakeWhile(line => line.Trim() != end).Select(line => line.Length > 8 ? line[8..] : line));
}
