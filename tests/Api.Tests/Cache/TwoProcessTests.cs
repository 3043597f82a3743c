using System.Diagnostics;
using System.Net;
using System.Text;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Cache;

/// <summary>What one process writes, another one sees within the bound.</summary>
public sealed class TwoProcessTests
{
    // The bound, and what a machine with other work takes to run the reader's code. What is not heard of at all shows after AnswerSeconds, which is far longer.
    private static readonly TimeSpan Bound = RecordChanges.Gather + CacheOptions.Bound;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task A_write_in_one_process_ends_what_the_other_keeps(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers, ("Cache:AnswerSeconds", "3000"));
        var other = await servers.AddAsync(layers == Layers.Sqlite ? Provider.Sqlite : Provider.Postgres, ("Cache:AnswerSeconds", "3000"));
        var id = await CreateAsync(servers.Client, 1);
        foreach (var path in (string[])[$"/v1/campaigns/{id}", "/v1/campaigns", "/v1/campaigns/metrics?groupBy=platform"])
        {
            for (int spend = 2; spend < 5; spend++)
            {
                await Eventually.Async(async () => (await other.Client.GetAsync(path, Token)).Headers.GetValues("Cache-Status").Single().StartsWith("cloudstore; hit", StringComparison.Ordinal), Long, "a hit");
                await PatchAsync(servers.Client, id, spend + (path.Length * 100));
                await Eventually.Async(async () => (await other.Client.GetStringAsync(path, Token)).Contains($"\"spend\":{spend + (path.Length * 100)}", StringComparison.Ordinal), Long, "the other process to see the write");
            }
        }
    }

    [Fact]
    public async Task With_Redis_no_read_in_another_process_is_older_than_the_bound()
    {
        await using var servers = await CacheServers.StartAsync(Layers.PostgresAndRedis, ("Cache:AnswerSeconds", "3000"));
        var other = await servers.AddAsync(Provider.Postgres, ("Cache:AnswerSeconds", "3000"));
        var id = await CreateAsync(servers.Client, 0);
        var written = new List<(long At, int Value)> { (Stopwatch.GetTimestamp(), 0) };
        var read = new List<(long At, int Value)>();
        long started = Stopwatch.GetTimestamp();
        (int hits, int writes) = (0, 0);
        // Six seconds, and longer where that is too short to say much.
        bool IsOver() => Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(2) || (Stopwatch.GetElapsedTime(started).TotalSeconds > 6 && Volatile.Read(ref hits) > 50 && Volatile.Read(ref writes) > 20);
        var writing = Task.Run(async () =>
        {
            for (int value = 1; !IsOver(); value++)
            {
                await PatchAsync(servers.Client, id, value);
                written.Add((Stopwatch.GetTimestamp(), value));
                Volatile.Write(ref writes, value);
                await Task.Delay(40, Token);
            }
        }, Token);
        while (!IsOver())
        {
            long began = Stopwatch.GetTimestamp();
            using var answer = await other.Client.GetAsync($"/v1/campaigns/{id}", Token);
            hits += answer.Headers.GetValues("Cache-Status").Single() == "cloudstore; hit" ? 1 : 0;
            read.Add((began, (await Expect.JsonAsync(answer, 200)).GetProperty("spend").GetInt32()));
        }

        await writing;
        // A read may not show a write that was acknowledged later than the bound before it began.
        var late = read.Where(r => written.Any(w => w.Value > r.Value && Stopwatch.GetElapsedTime(w.At, r.At) > Bound)).ToList();
        Assert.True(late.Count == 0, $"{late.Count} of {read.Count} reads were older than {Bound}");
        Assert.True(hits > 50 && written.Count > 20, $"{hits} hits and {written.Count} writes say little");
    }

    [Theory]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task A_key_that_one_process_revokes_is_soon_refused_by_the_other(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var other = await servers.AddAsync(Provider.Postgres);
        for (int i = 0; i < 3; i++)
        {
            var text = await servers.First.MakeKeyAsync(Role.Reader);
            using var client = other.ClientWith(text);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/campaigns?limit=1", Token)).StatusCode);
            var revoked = Stopwatch.GetTimestamp();
            Assert.True((await servers.Client.DeleteAsync($"/v1/keys/{text.Split('_')[1]}", Token)).IsSuccessStatusCode);
            await Eventually.Async(async () => (await client.GetAsync("/v1/campaigns?limit=1", Token)).StatusCode == HttpStatusCode.Unauthorized, Long, "the key to be refused");
            // Without hearing of it a process looks a key up again after 30 seconds.
            Assert.True(Stopwatch.GetElapsedTime(revoked) < TimeSpan.FromSeconds(25), "that is what it takes without hearing of it");
        }
    }

    [Fact]
    public async Task While_Redis_dies_and_comes_back_no_request_fails_and_what_was_written_is_seen()
    {
        await using var servers = await CacheServers.StartAsync(Layers.PostgresAndRedis, ("Cache:AnswerSeconds", "3000"));
        var other = await servers.AddAsync(Provider.Postgres, ("Cache:AnswerSeconds", "3000"));
        var id = await CreateAsync(servers.Client, 1);
        const string Path = "/v1/campaigns/metrics?groupBy=platform";
        int spend = 1;
        foreach (var killed in (bool[])[false, true, false, true, false])
        {
            if (killed)
            {
                servers.Redis!.Kill();
            }
            else if (spend > 1)
            {
                await servers.Redis!.RestartAsync();
            }

            for (int i = 0; i < 10; i++)
            {
                await PatchAsync(servers.Client, id, ++spend);
                Assert.Contains($"\"spend\":{spend}", await servers.Client.GetStringAsync(Path, Token));
                await other.Client.GetStringAsync(Path, Token);
            }

            await Eventually.Async(async () => (await other.Client.GetStringAsync(Path, Token)).Contains($"\"spend\":{spend}", StringComparison.Ordinal), Long, "the other process to see the write");
        }
    }

    private static async Task<string> CreateAsync(HttpClient client, int spend) =>
        (await Expect.JsonAsync(await client.PostAsync("/v1/campaigns", $$"""{"campaignId":"c-1","platform":"Meta","spend":{{spend}}}"""), 201)).GetProperty("id").GetString()!;

    private static async Task PatchAsync(HttpClient client, string id, int spend) => await Expect.JsonAsync(
        await client.SendAsync(new HttpRequestMessage(HttpMethod.Patch, $"/v1/campaigns/{id}") { Content = new StringContent($$"""{"spend":{{spend}}}""", Encoding.UTF8, "application/json") }, Token), 200);
}
