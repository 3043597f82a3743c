using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CloudStore.Api.Tests.Uploads;
using CloudStore.Storage.Files;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Files;

/// <summary>Processes that are killed while files come in: no record is without its content, and after the keeper's round no content without its record.</summary>
public sealed class KilledServerTests
{
    private const int Senders = 6, Kills = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whenever_a_server_is_killed_files_are_there_with_their_content_or_not_at_all()
    {
        await using var keeper = await ApiServer.StartAsync(Provider.Postgres);
        var random = new Random(20260131);
        var answered = new Dictionary<Guid, string>();
        for (int kill = 0; kill < Kills; kill++)
        {
            int port = FreePort.Next();
            using var server = TusClientTests.StartServer(keeper, port);
            await TusClientTests.AnswersAsync(port);
            int before = answered.Count;
            using var stop = new CancellationTokenSource();
            var senders = Enumerable.Range(0, Senders).Select(i => SendAsync(port, kill * Senders + i, answered, stop.Token)).ToList();
            // Not before some were stored: then others are at any point of their way.
            await Eventually.Async(() => Count(answered) > before + Senders, TimeSpan.FromMinutes(2), "files to be stored");
            await Task.Delay(random.Next(200), Token);
            server.Kill();
            await server.WaitForExitAsync(Token);
            await stop.CancelAsync();
            await Task.WhenAll(senders);
        }

        var files = FileClient.Contents(keeper);
        Array.ForEach(files, f => File.SetLastWriteTimeUtc(f, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25)));
        await using (var scope = keeper.App.Services.CreateAsyncScope())
        {
            var round = await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(Token);
            Assert.Equal((0, 0), (round.Missing, round.Damaged));
        }

        int rows = (await Expect.JsonAsync(await keeper.Client.GetAsync("/v1/files/stats", Token), 200)).GetProperty("total").GetProperty("files").GetInt32();
        Assert.Equal(rows, FileClient.Contents(keeper).Length);
        Assert.InRange(rows, answered.Count, answered.Count + Kills * Senders);
        foreach (var (id, hash) in answered)
        {
            Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(await keeper.Client.ContentAsync(id))));
        }
    }

    // Sends one file after the other until the server is gone.
    private static async Task SendAsync(int port, int seed, Dictionary<Guid, string> answered, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiServer.OperatorKey);
        for (int file = 0; !stop.IsCancellationRequested; file++)
        {
            var content = FileClient.Noise(new Random(seed * 1000 + file).Next(100_000, 3_000_000), seed * 1000 + file);
            try
            {
                using var answer = await client.PostAsync(new Uri("/v1/files?compress=none", UriKind.Relative), new ByteArrayContent(content), stop);
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                var id = Guid.Parse(answer.Headers.Location!.ToString().Split('/')[^1]);
                lock (answered)
                {
                    answered.Add(id, Convert.ToHexStringLower(SHA256.HashData(content)));
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private static int Count(Dictionary<Guid, string> answered)
    {
        lock (answered)
        {
            return answered.Count;
        }
    }
}
