using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Tests.Files;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Voice;

/// <summary>All there is of one user, as a zip.</summary>
public sealed class ExportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task An_export_has_every_record_and_every_file_of_the_user_and_nothing_of_others(Provider provider)
    {
        await using var server = await VoiceHost.StartAsync(provider);
        var client = server.Client;
        var tone = Waves.Tone();
        foreach (var name in (string[])["asha", "ravi"])
        {
            await client.UserAsync(name, $"{name}@example.org");
            await client.CreateAsync("profiles", new { username = name, accent = "Awadhi" });
            var audio = await client.RecordingAsync(name, tone, $"{name} said this", name: "what?.wav");
            var session = await client.CreateAsync("sessions", new { username = name, context = new { of = name } });
            await client.CreateAsync("turns", new { sessionId = session.Id(), text = $"{name} said that", audioFileId = audio.Id() });
            var deleted = await client.CreateAsync("turns", new { sessionId = session.Id(), text = $"{name} took it back" });
            await client.DeleteAsync($"/v1/voice/turns/{deleted.Id()}", Token);
            await Expect.JsonAsync(await client.PostAsync("/v1/retail/sales", $$"""{"productId":"tea-{{name}}","customerId":"{{name}}","quantity":1,"sellingPrice":9.5}"""), 201);
        }

        var job = await client.DoneAsync("exports", "asha");
        Assert.Equal((job.GetProperty("rowsTotal").GetInt64(), 1, tone.Length), (job.GetProperty("rowsDone").GetInt64(), job.GetProperty("filesDone").GetInt32(), job.GetProperty("bytesDone").GetInt32()));
        using var zip = new ZipArchive(new MemoryStream(await client.GetByteArrayAsync($"/v1/voice/exports/{job.Id()}/content", Token)));
        Assert.Equal(["manifest.json", "records/sales.json", "records/stored_files.json", "records/voice_audio_files.json", "records/voice_consents.json", "records/voice_profiles.json",
            "records/voice_sessions.json", "records/voice_turns.json", "records/voice_users.json"], zip.Entries.Select(e => e.FullName).Where(n => !n.StartsWith("files/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("asha@example.org", Read(zip, "records/voice_users.json")[0].GetProperty("email").GetString());
        Assert.Equal(9.5m, Read(zip, "records/sales.json")[0].GetProperty("sellingPrice").GetDecimal());
        Assert.Equal("asha said this", Read(zip, "records/voice_audio_files.json")[0].GetProperty("transcript").GetString());
        Assert.Equal("asha", Read(zip, "records/voice_sessions.json")[0].GetProperty("context").GetProperty("of").GetString());
        var turns = Read(zip, "records/voice_turns.json");
        Assert.Equal(["asha said that", "asha took it back"], turns.EnumerateArray().Select(t => t.GetProperty("text").GetString()));
        Assert.Equal([false, true], turns.EnumerateArray().Select(t => t.TryGetProperty("deletedAt", out _)));
        var file = zip.Entries.Single(e => e.FullName.StartsWith("files/", StringComparison.Ordinal));
        Assert.EndsWith("/what_.wav", file.FullName, StringComparison.Ordinal);
        using var content = new MemoryStream();
        await (await file.OpenAsync(Token)).CopyToAsync(content, Token);
        Assert.Equal(tone, content.ToArray());
        Assert.All(zip.Entries, e => Assert.DoesNotContain("ravi", Text(e), StringComparison.Ordinal));
        Assert.DoesNotContain("contentKey", Text(zip.GetEntry("records/stored_files.json")!), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(JsonValueKind.Null, job.GetProperty("username").ValueKind);

        // Another has nothing of the first in it.
        var again = await client.DoneAsync("exports", "asha");
        Assert.Equal(1, again.GetProperty("filesTotal").GetInt32());
        Assert.Equal(2, (await client.ItemsAsync("exports?status=succeeded")).Length);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_damaged_file_is_named_and_keeps_nothing_else_back(Provider provider)
    {
        await using var server = await VoiceHost.StartAsync(provider);
        await server.Client.UserAsync("asha");
        var damaged = await server.Client.StoreAsync(FileClient.Noise(400_000), "?owner=asha&name=a");
        var path = FileClient.Contents(server).Single();
        await server.Client.StoreAsync([1, 2, 3], "?owner=asha&name=b");
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[200_000] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        var job = await server.Client.DoneAsync("exports", "asha");
        using var zip = new ZipArchive(new MemoryStream(await server.Client.GetByteArrayAsync($"/v1/voice/exports/{job.Id()}/content", Token)));
        Assert.Equal(damaged.Id(), Read(zip, "manifest.json").GetProperty("unreadable")[0].GetGuid());
        Assert.Contains(zip.Entries, e => e.Name == "b" && e.Length == 3);
    }

    [Fact]
    public async Task An_export_that_is_asked_for_twice_is_one_and_one_of_nobody_is_refused()
    {
        // No worker: it waits.
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await server.Client.UserAsync("asha");
        var first = await Expect.JsonAsync(await server.Client.SendAsync("exports", new { username = "asha" }), 202);
        var second = await Expect.JsonAsync(await server.Client.SendAsync("exports", new { username = "asha" }), 202);
        Assert.Equal(first.Id(), second.Id());
        Assert.Equal(("queued", "asha"), (first.GetProperty("status").GetString(), first.GetProperty("username").GetString()));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/voice/exports/{first.Id()}/content", Token), "conflict", 409);
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/voice/erasures/{first.Id()}", Token), "not-found", 404);
        await Expect.ProblemAsync(await server.Client.SendAsync("exports", new { username = "nobody" }), "not-found", 404);
        await Expect.ProblemAsync(await server.Client.SendAsync("exports", new { username = "" }), "invalid", 400, "username", "required");
        await Expect.ProblemAsync(await server.Client.SendAsync("erasures", new { }), "invalid", 400, "username", "required");
    }

    [Fact]
    public async Task An_exports_file_expires_and_goes_with_the_user()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        await server.Client.UserAsync("asha");
        var asked = await Expect.JsonAsync(await server.Client.SendAsync("exports", new { username = "asha" }), 202);
        Assert.True(await RunAsync(server));
        await server.Client.GetByteArrayAsync($"/v1/voice/exports/{asked.Id()}/content", Token);
        time.Advance(TimeSpan.FromDays(8));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/voice/exports/{asked.Id()}/content", Token), "expired", 410);
    }

    [Fact]
    public async Task An_export_without_room_fails_and_says_why()
    {
        await using var server = await VoiceHost.StartAsync(Provider.Sqlite, settings: ("Files:OwnerQuotaBytes", "5000"));
        await server.Client.UserAsync("asha");
        await server.Client.StoreAsync(FileClient.Noise(4500), "?owner=asha");
        var asked = await Expect.JsonAsync(await server.Client.SendAsync("exports", new { username = "asha" }), 202);
        var job = await server.Client.EndAsync("exports", asked.Id());
        Assert.Equal(("failed", "/problems/insufficient-storage"), (job.GetProperty("status").GetString(), job.GetProperty("problem").GetProperty("type").GetString()));
        Assert.Single(FileClient.Contents(server));
    }

    internal static Task<bool> RunAsync(ApiServer server) =>
        Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<Storage.Operations.Persons.PersonJobWorker>(server.App.Services).RunNextAsync(Token);

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static JsonElement Read(ZipArchive zip, string name) => JsonDocument.Parse(Text(zip.GetEntry(name)!)).RootElement;
}
