using System.IO.Compression;
using System.Net;
using System.Text;
using CloudStore.Api.Tests.Files;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Recordings: what their headers say, what is none, and whose they are.</summary>
public sealed class AudioTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    public static TheoryData<string, byte[]> NotAudio() => new()
    {
        { "a zip bomb named .wav", ZipBomb() },
        { "a header alone", Waves.Riff("RIFF", null) },
        { "a truncated header", Waves.Tone()[..40] },
        { "samples without a format", Waves.Riff("RIFF", null, Waves.Chunk("data", new byte[100])) },
        { "a rate of nothing", Waves.Riff("RIFF", null, Waves.Chunk("fmt ", Waves.Format(1, 1, 0, 16)), Waves.Chunk("data", new byte[100])) },
        { "nothing", [] },
        { "text", "This is no recording."u8.ToArray() },
        { "a web page", "RIFF<html><script>alert(1)</script>"u8.ToArray() },
    };

    [Theory, MemberData(nameof(Both))]
    public async Task A_recording_is_described_by_its_header_transcribed_listed_and_played_back(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var client = server.Client;
        await client.UserAsync("asha");
        var tone = Waves.Tone(1.5, 16_000);
        var audio = await client.RecordingAsync("asha", tone);
        Assert.Equal(("pcm", 16_000, 1, 16, 1.5), (audio.GetProperty("format").GetString(), audio.GetProperty("sampleRate").GetInt32(), audio.GetProperty("channels").GetInt32(),
            audio.GetProperty("bitsPerSample").GetInt32(), audio.GetProperty("duration").GetDouble()));
        var path = $"/v1/voice/audio-files/{audio.Id()}";
        var patched = await Expect.JsonAsync(await client.PatchAsync(path, new StringContent("""{"transcript":"Namaste","language":"hi"}""", Encoding.UTF8, "application/json"), Token), 200);
        Assert.Equal("Namaste", patched.GetProperty("transcript").GetString());
        Assert.Equal("Namaste", Assert.Single(await client.ItemsAsync("audio-files?username=asha&language=hi")).GetProperty("transcript").GetString());
        Assert.Single(await client.ItemsAsync($"audio-files?fileId={audio.GetProperty("fileId").GetString()}"));
        Assert.Equal(tone, await client.GetByteArrayAsync($"{path}/content", Token));
        using var part = new HttpRequestMessage(HttpMethod.Get, $"{path}/content") { Headers = { Range = new(8, 11) } };
        Assert.Equal("WAVE", await (await client.SendAsync(part, Token)).Content.ReadAsStringAsync(Token));
        await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha", fileId = audio.GetProperty("fileId").GetGuid() }), "conflict", 409, "fileId", "unique");
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(path, Token)).StatusCode);
        await Expect.ProblemAsync(await client.GetAsync($"{path}/content", Token), "not-found", 404);
    }

    [Theory, MemberData(nameof(NotAudio))]
    public async Task What_is_no_recording_is_refused_whatever_its_name(string what, byte[] content)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await server.Client.UserAsync("asha");
        var file = await server.Client.StoreAsync(content, "?owner=asha&name=hello.wav&type=audio/wav", "audio/wav");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, file.GetProperty("duration").ValueKind);
        var problem = await Expect.ProblemAsync(await server.Client.SendAsync("audio-files", new { username = "asha", fileId = file.Id() }), "invalid", 400, "fileId", "audio");
        Assert.True(problem.Detail().Contains("not audio", StringComparison.Ordinal) || problem.Detail().Contains("no format and samples", StringComparison.Ordinal), $"{what}: {problem.Detail()}");
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_header_that_lies_about_its_length_is_believed_as_far_as_the_file_goes()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await server.Client.UserAsync("asha");
        var lying = Waves.Riff("RIFF", 4_000_000_000, Waves.Chunk("fmt ", Waves.Format(1, 1, 8000, 16)), Waves.Chunk("bext", new byte[9001]), Waves.Chunk("data", new byte[16_000], 4_000_000_000));
        Assert.Equal(1, (await server.Client.RecordingAsync("asha", lying)).GetProperty("duration").GetDouble());
    }

    [Fact]
    public async Task Other_audio_is_taken_without_what_its_header_might_say()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await server.Client.UserAsync("asha");
        var audio = await server.Client.RecordingAsync("asha", [.. "OggS\0"u8, .. new byte[200]], name: "a.ogg");
        Assert.Equal(("audio/ogg", System.Text.Json.JsonValueKind.Null), (audio.GetProperty("type").GetString(), audio.GetProperty("duration").ValueKind));
    }

    [Fact]
    public async Task A_file_of_somebody_else_is_not_a_users_recording()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var client = server.Client;
        await client.UserAsync("asha");
        var his = await client.StoreAsync(Waves.Tone(), "?owner=ravi");
        await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha", fileId = his.Id() }), "invalid", 400, "fileId", "owner");
        await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha", fileId = Guid.CreateVersion7() }), "invalid", 400, "fileId", "known-file");
        await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha" }), "invalid", 400, "fileId", "required");
        var mine = await client.StoreAsync(Waves.Tone(), "?owner=asha");
        await client.ConsentAsync("asha", "transcription", "withdrawn");
        await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha", fileId = mine.Id(), transcript = "x" }), "consent-required", 403, "transcript", "consent");
        await client.CreateAsync("audio-files", new { username = "asha", fileId = mine.Id() });
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_tenant_that_is_pinned_to_a_region_has_no_file_elsewhere(Provider provider)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Files:Backends:mumbai:Kind"] = "disk", ["Files:Backends:frankfurt:Kind"] = "disk", ["Files:DefaultBackend"] = "frankfurt", ["Files:Regions:IN"] = "mumbai", ["Files:Regions:EU"] = "frankfurt",
        };
        await using var server = await ApiServer.StartAsync(provider, settings: _ => settings);
        await server.Client.UserAsync("asha");
        var before = await server.Client.StoreAsync(Waves.Tone(), "?owner=asha");

        await using var pinned = await ApiServer.StartAsync(provider, sharing: server, settings: c => new(settings) { ["Files:Tenants:default:Region"] = "IN", ["ConnectionStrings:records"] = c });
        var client = pinned.Client;
        await Expect.ProblemAsync(await client.PostAsync("/v1/files?owner=asha&region=EU", new ByteArrayContent(Waves.Tone()), Token), "invalid", 400, "region", "pinned-region");
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/v1/uploads") { Headers = { { "Tus-Resumable", "1.0.0" }, { "Upload-Length", "3" }, { "Upload-Metadata", $"region {Convert.ToBase64String("EU"u8)}" } } };
        await Expect.ProblemAsync(await client.SendAsync(upload, Token), "invalid", 400, "region", "pinned-region");
        await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha", fileId = before.Id() }), "invalid", 400, "fileId", "pinned-region");

        var file = await client.StoreAsync(Waves.Tone(), "?owner=asha");
        Assert.Equal("IN", file.GetProperty("region").GetString());
        await client.CreateAsync("audio-files", new { username = "asha", fileId = file.Id() });
        Assert.Single(Directory.GetFiles(Path.Combine(server.DataFolder, "files", "mumbai"), "*", SearchOption.AllDirectories));
        Assert.Single(Directory.GetFiles(Path.Combine(server.DataFolder, "files", "frankfurt"), "*", SearchOption.AllDirectories));
    }

    // A megabyte that becomes a gigabyte for whoever unpacks it.
    private static byte[] ZipBomb()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("hello.wav", CompressionLevel.Fastest).Open();
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++)
            {
                entry.Write(zeros);
            }
        }

        return bytes.ToArray();
    }
}
