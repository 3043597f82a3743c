using System.IO.Compression;
using System.Text.Json;
using CloudStore.Api.Tests.Faults;
using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Workers that are killed in mid-erasure and mid-export: the next goes on, and nothing half done stays behind or is missing from what is stated.</summary>
public sealed class KilledJobTests
{
    private const int Kills = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task An_erasure_whose_workers_are_killed_ends_with_nothing_left_and_a_certificate_of_all_of_it(Provider provider)
    {
        const int Files = 450;
        await using var server = await ApiServer.StartAsync(provider);
        await server.Client.UserAsync("asha");
        await server.Client.UserAsync("ravi");
        var session = await server.Client.CreateAsync("sessions", new { username = "asha" });
        await server.Client.CreateAsync("turns", new { sessionId = session.Id(), text = "hello" });
        await StoreAsync(server, "asha", Files, 2000);
        await StoreAsync(server, "ravi", 3, 2000);

        var asked = await Expect.JsonAsync(await server.Client.SendAsync("erasures", new { username = "asha" }), 202);
        await KillAsync(server, $"erasures/{asked.Id()}", job => job.GetProperty("filesDone").GetInt64());
        using (Worker(server))
        {
            var job = await server.Client.EndAsync("erasures", asked.Id());
            Assert.True(job.GetProperty("status").GetString() == "succeeded", job.ToString());
            Assert.Equal(job.GetProperty("rowsTotal").GetInt64(), job.GetProperty("rowsDone").GetInt64());
        }

        var certificate = JsonDocument.Parse((await server.Client.GetStringAsync($"/v1/voice/erasures/{asked.Id()}/certificate", Token)).Split('\n')[1]).RootElement;
        Dictionary<string, long> rows = new() { ["stored_files"] = Files, ["voice_consents"] = 4, ["voice_sessions"] = 1, ["voice_turns"] = 1, ["voice_users"] = 1 };
        Assert.Equal(rows, certificate.GetProperty("rows").EnumerateObject().ToDictionary(r => r.Name, r => r.Value.GetInt64()));
        Assert.Equal((Files, Files * 2000L), (certificate.GetProperty("contents").GetInt64(), certificate.GetProperty("contentBytes").GetInt64()));
        // Not by the keeper, which did not run: the contents of the batch that a kill came behind went as well.
        Assert.Equal(3, FileClient.Contents(server).Length);
        Assert.Single(await server.Client.ItemsAsync("users"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_export_whose_workers_are_killed_is_begun_again_and_ends_whole(Provider provider)
    {
        const int Files = 40, Bytes = 1_000_000;
        await using var server = await ApiServer.StartAsync(provider);
        await server.Client.UserAsync("asha");
        await StoreAsync(server, "asha", Files, Bytes);
        var asked = await Expect.JsonAsync(await server.Client.SendAsync("exports", new { username = "asha" }), 202);
        await KillAsync(server, $"exports/{asked.Id()}", job => job.GetProperty("attempts").GetInt64());
        JsonElement job;
        using (Worker(server))
        {
            job = await server.Client.EndAsync("exports", asked.Id());
        }

        Assert.True(job.GetProperty("status").GetString() == "succeeded", job.ToString());
        using var zip = new ZipArchive(await server.Client.GetStreamAsync($"/v1/voice/exports/{asked.Id()}/content", Token));
        var files = zip.Entries.Where(e => e.FullName.StartsWith("files/", StringComparison.Ordinal)).ToList();
        Assert.Equal((Files, (long)Files * Bytes), (files.Count, files.Sum(f => f.Length)));

        // What a killed worker had begun to write is nobody's, and goes with the keeper's next round.
        foreach (var path in FileClient.Contents(server))
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));
        }

        await using var scope = server.App.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(Token);
        Assert.Equal(Files + 1, FileClient.Contents(server).Length);
    }

    [Fact]
    public async Task A_job_that_kills_its_workers_fails_in_the_end_and_says_so()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["PersonJobs:MaxAttempts"] = "1", ["PersonJobs:LeaseSeconds"] = "1" });
        await server.Client.UserAsync("asha");
        var asked = await Expect.JsonAsync(await server.Client.SendAsync("exports", new { username = "asha" }), 202);
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            // A worker that took it and was never seen again.
            Assert.NotNull(await scope.ServiceProvider.GetRequiredService<Storage.Operations.Persons.PersonJobQueue>().ClaimAsync(Token));
        }

        await Eventually.Async(() => ExportTests.RunAsync(server), Patience, "the lease to run out");
        var job = await server.Client.ReadAsync($"exports/{asked.Id()}");
        Assert.Equal(("failed", "/problems/internal"), (job.GetProperty("status").GetString(), job.GetProperty("problem").GetProperty("type").GetString()));
    }

    // A kill falls anywhere behind a step forward.
    private static async Task KillAsync(ApiServer server, string path, Func<JsonElement, long> progress)
    {
        var random = new Random(20260131);
        long before = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using var worker = Worker(server);
            JsonElement job = default;
            await Eventually.Async(async () =>
            {
                job = await server.Client.ReadAsync(path);
                return progress(job) > before || job.GetProperty("status").GetString() == "succeeded";
            }, Patience, "a step forward");
            before = progress(job);
            await Task.Delay(random.Next(40), Token);
        }
    }

    private static WorkerProcess Worker(ApiServer server) => WorkerProcess.Start(server, ("PersonJobs__LeaseSeconds", "1"), ("PersonJobs__PollMilliseconds", "50"), ("PersonJobs__MaxAttempts", "100"));

    private static async Task StoreAsync(ApiServer server, string owner, int count, int bytes)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        var files = scope.ServiceProvider.GetRequiredService<FileService>();
        for (int i = 0; i < count; i++)
        {
            await files.CreateAsync(new FileDraft { Name = $"{i}.bin", Owner = owner, Compress = Compress.None }, new MemoryStream(FileClient.Noise(bytes, i)), cancellationToken: Token);
        }
    }
}
