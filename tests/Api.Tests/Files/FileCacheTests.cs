using System.Net;
using System.Text.Json;
using CloudStore.Api.Tests.Cache;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Files;

/// <summary>Records of files are kept in memory, and no read is older than a write.</summary>
public sealed class FileCacheTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task A_write_is_seen_at_once_here_and_soon_in_another_process(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers, ("Cache:AnswerSeconds", "3000"));
        var other = await servers.AddAsync(layers == Layers.Sqlite ? Provider.Sqlite : Provider.Postgres, ("Cache:AnswerSeconds", "3000"));
        var id = (await servers.Client.StoreAsync([1, 2, 3], "?name=0")).Id();
        for (int i = 1; i < 5; i++)
        {
            // Kept by both: another read is answered from memory.
            await KeptAsync(servers.Client, id);
            await KeptAsync(other.Client, id);
            var patch = new StringContent($$"""{"name": "{{i}}"}""", null, "application/merge-patch+json");
            await Expect.JsonAsync(await servers.Client.PatchAsync($"/v1/files/{id}", patch, Token), 200);
            Assert.Equal($"{i}", await NameAsync(servers.Client, id));
            await Eventually.Async(async () => await NameAsync(other.Client, id) == $"{i}", Long, "the other process to see the write");
        }

        await KeptAsync(other.Client, id);
        Assert.Equal(HttpStatusCode.NoContent, (await servers.Client.DeleteAsync($"/v1/files/{id}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await servers.Client.GetAsync($"/v1/files/{id}/content", Token)).StatusCode);
        await Eventually.Async(async () => (await other.Client.GetAsync($"/v1/files/{id}/content", Token)).StatusCode == HttpStatusCode.NotFound, Long, "the other process to see the removal");
    }

    [Fact]
    public async Task Who_may_not_read_a_file_may_not_read_what_is_kept_of_it()
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite, ("Cache:AnswerSeconds", "3000"));
        var id = (await servers.Client.StoreAsync([1], "?name=secret&owner=anna")).Id();
        await KeptAsync(servers.Client, id);
        using var stranger = await servers.Client.SendAsAsync("ben", HttpMethod.Get, $"/v1/files/{id}");
        await Expect.ProblemAsync(stranger, "not-found", 404);
        await Expect.JsonAsync(await servers.Client.PostAsync($"/v1/files/{id}/access", new StringContent("""{"user": "ben", "right": "read"}""", null, "application/json"), Token), 200);
        using var granted = await servers.Client.SendAsAsync("ben", HttpMethod.Get, $"/v1/files/{id}");
        Assert.Equal("secret", (await Expect.JsonAsync(granted, 200)).GetProperty("name").GetString());
        await servers.Client.DeleteAsync($"/v1/files/{id}/access/ben", Token);
        using var revoked = await servers.Client.SendAsAsync("ben", HttpMethod.Get, $"/v1/files/{id}");
        await Expect.ProblemAsync(revoked, "not-found", 404);
    }

    private static async Task<string?> NameAsync(HttpClient client, Guid id) => (await Expect.JsonAsync(await client.GetAsync($"/v1/files/{id}", Token), 200)).GetProperty("name").GetString();

    // Of this process alone, and nothing but the file is asked for in between.
    private static Task KeptAsync(HttpClient client, Guid id) => Eventually.Async(async () =>
    {
        long before = await HitsAsync(client);
        await NameAsync(client, id);
        return await HitsAsync(client) > before;
    }, Long, "the record is kept");

    private static async Task<long> HitsAsync(HttpClient client)
    {
        using var stats = JsonDocument.Parse(await client.GetStringAsync("/v1/cache/stats", Token));
        return stats.RootElement.GetProperty("layers").EnumerateArray().Single(l => l.GetProperty("layer").GetString() == "memory").GetProperty("hits").GetInt64();
    }
}
