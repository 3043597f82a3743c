using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Files;

/// <summary>Files one by one and in lists.</summary>
public sealed class FileEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_file_goes_in_is_described_listed_read_changed_and_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var content = FileClient.Noise(2_500_000);
        var made = await server.Client.StoreAsync(content, "?name=one.bin&tags=a,b&retention=10&compress=none");
        Assert.Equal((content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), "application/octet-stream", "test-operator", "none"),
            (made.GetProperty("size").GetInt32(), made.GetProperty("sha256").GetString(), made.GetProperty("type").GetString(), made.GetProperty("owner").GetString(), made.GetProperty("compression").GetString()));
        Assert.Equal(10, (made.GetProperty("expiresAt").GetDateTime() - made.GetProperty("createdAt").GetDateTime()).TotalDays, 0.001);
        Assert.Equal(content, await server.Client.ContentAsync(made.Id()));

        var other = await server.Client.StoreAsync("{}"u8.ToArray(), "?name=two.json&type=application/json&tags=b");
        foreach (var (query, names) in new (string, string[])[]
        {
            ("", ["two.json", "one.bin"]), ("?name=one.bin", ["one.bin"]), ("?tag=b", ["two.json", "one.bin"]), ("?tag=a", ["one.bin"]), ("?tag=x", []), ("?type=application/json", ["two.json"]),
            ("?type=application/*", ["two.json", "one.bin"]), ("?owner=nobody", []), ($"?sha256={made.GetProperty("sha256").GetString()!.ToUpperInvariant()}", ["one.bin"]), ("?sort=size", ["two.json", "one.bin"]),
            ("?from=2000-01-01&to=2999-01-01", ["two.json", "one.bin"]), ("?to=2000-01-01", []),
        })
        {
            var list = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files{query}", Token), 200);
            Assert.Equal(names, list.GetProperty("items").EnumerateArray().Select(f => f.GetProperty("name").GetString()));
        }

        var first = await Expect.JsonAsync(await server.Client.GetAsync("/v1/files?limit=1", Token), 200);
        var second = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files?limit=1&cursor={first.GetProperty("nextCursor").GetString()}", Token), 200);
        Assert.Equal(made.Id(), second.GetProperty("items")[0].Id());

        using var patch = new StringContent("""{"name":"uno.bin","tags":["c"],"retention":null}""", Encoding.UTF8, "application/merge-patch+json");
        var changed = await Expect.JsonAsync(await server.Client.PatchAsync($"/v1/files/{made.Id()}", patch, Token), 200);
        Assert.Equal(("uno.bin", 2, true), (changed.GetProperty("name").GetString(), changed.GetProperty("revision").GetInt32(), changed.GetProperty("expiresAt").ValueKind == JsonValueKind.Null));
        Assert.Equal(content, await server.Client.ContentAsync(made.Id()));

        await Eventually.Async(async () => (await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{made.Id()}", Token), 200)).GetProperty("accessCount").GetInt32() == 2, TimeSpan.FromMinutes(1), "the reads to be counted");
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v1/files/{made.Id()}?reason=old", Token)).StatusCode);
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{made.Id()}/content", Token), "not-found", 404);
        var stats = await Expect.JsonAsync(await server.Client.GetAsync("/v1/files/stats", Token), 200);
        Assert.Equal((1, 2), (stats.GetProperty("total").GetProperty("files").GetInt32(), stats.GetProperty("total").GetProperty("bytes").GetInt32()));
        Assert.Equal("{}", Encoding.UTF8.GetString(await server.Client.ContentAsync(other.Id())));
    }

    [Fact]
    public async Task A_form_brings_its_files_name_and_type()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var form = new MultipartFormDataContent { { new StringContent("x"), "note" }, { new ByteArrayContent("a,b\n1,2\n"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } }, "file", "Zahlen für 2026 ✓.csv" } };
        var made = await Expect.JsonAsync(await server.Client.PostAsync("/v1/files", form, Token), 201);
        Assert.Equal(("Zahlen für 2026 ✓.csv", "text/csv"), (made.GetProperty("name").GetString(), made.GetProperty("type").GetString()));
        var answer = await server.Client.GetAsync($"/v1/files/{made.Id()}/content", Token);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("Zahlen für 2026 ✓.csv", answer.Content.Headers.ContentDisposition.FileNameStar);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("?name=..%2Fetc%2Fpasswd", "name", "file-name")]
    [InlineData("?name=..", "name", "file-name")]
    [InlineData("?name=a%5Cb", "name", "file-name")]
    [InlineData("?name=a%00b", "name", "no-control-characters")]
    [InlineData("?name=a%0d%0aSet-Cookie:x", "name", "no-control-characters")]
    [InlineData("?name=invoice%E2%80%AEgpj.exe", "name", "no-direction-marks")]
    [InlineData("?retention=0", "retention", "range")]
    [InlineData("?retention=soon", "retention", "whole-number")]
    [InlineData("?expiresAt=soon", "expiresAt", "date")]
    [InlineData("?compress=rar", "compress", "known-value")]
    [InlineData("?encrypt=false", "encrypt", "encrypted")]
    [InlineData("?region=XX", "region", "known-region")]
    [InlineData("?nmae=x", "nmae", "unknown")]
    public async Task What_is_said_of_a_file_is_checked_before_a_byte_is_stored(string query, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var problem = await Expect.ProblemAsync(await server.Client.PostAsync($"/v1/files{query}", new ByteArrayContent([1, 2, 3]), Token), "invalid", 400);
        Assert.Equal((field, rule), (problem.GetProperty("errors")[0].GetProperty("field").GetString(), problem.GetProperty("errors")[0].GetProperty("rule").GetString()));
        Assert.Empty(FileClient.Contents(server));
    }

    [Fact]
    public async Task Names_of_any_letters_are_kept_and_one_of_300_is_refused()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        foreach (var name in (string[])["नमस्ते.wav", "a\"b;c.txt", "emoji 🎧.mp3", "100%.txt", new string('x', 255)])
        {
            var made = await server.Client.StoreAsync([1], $"?name={Uri.EscapeDataString(name)}");
            var answer = await server.Client.GetAsync($"/v1/files/{made.Id()}/content", Token);
            Assert.Equal(name, answer.Content.Headers.ContentDisposition!.FileNameStar);
        }

        await Expect.ProblemAsync(await server.Client.PostAsync($"/v1/files?name={new string('x', 300)}", new ByteArrayContent([1]), Token), "invalid", 400);
    }

    [Fact]
    public async Task The_type_is_what_the_content_looks_like()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        byte[] zip = [.. "PK\u0003\u0004"u8, .. FileClient.Noise(500)];
        Assert.Equal("application/zip", (await server.Client.StoreAsync(zip, "?name=voice.wav&type=audio/wav")).GetProperty("type").GetString());
        Assert.Equal("text/plain", (await server.Client.StoreAsync("<html><script>alert(1)</script>"u8.ToArray(), "", "text/html")).GetProperty("type").GetString());
        Assert.Equal("application/octet-stream", (await server.Client.StoreAsync([0, 1, 2], "", "image/png")).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Nothing_of_a_file_is_in_clear_on_the_disk_or_in_the_database()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        const string secret = "the cat is called Mittens";
        await server.Client.StoreAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(secret, 50))), "?name=about-Mittens.txt&compress=none");
        await server.Client.StoreAsync(Encoding.UTF8.GetBytes(secret), "?name=Mittens");
        foreach (var path in Directory.GetFiles(server.DataFolder, "*", SearchOption.AllDirectories).Where(p => Path.GetFileName(p) != "lock"))
        {
            using var file = new FileStream(path, FileMode.Open, System.IO.FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, Token);
            Assert.True(bytes.ToArray().AsSpan().IndexOf("Mittens"u8) < 0, $"{path} holds it in clear");
        }
    }

    [Fact]
    public async Task The_same_request_with_an_Idempotency_Key_stores_one_file()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        async Task<HttpResponseMessage> SendAsync(byte[] content, string query = "?name=x")
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/files{query}") { Content = new ByteArrayContent(content) };
            request.Headers.Add("Idempotency-Key", "k1");
            return await server.Client.SendAsync(request, Token);
        }

        var first = await Expect.JsonAsync(await SendAsync([1, 2, 3]), 201);
        var again = await SendAsync([1, 2, 3]);
        Assert.Equal(first.Id(), (await Expect.JsonAsync(again, 201)).Id());
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        await Expect.ProblemAsync(await SendAsync([1, 2, 4]), "idempotency-mismatch", 422);
        Assert.Single(FileClient.Contents(server));
    }

    [Fact]
    public async Task An_Idempotency_Key_is_of_one_user_and_outlives_an_answer_that_could_not_be_kept()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        async Task<HttpResponseMessage> SendAsync(string key, string user, string path = "/v1/files", HttpContent? content = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content ?? new ByteArrayContent([1, 2, 3]) };
            request.Headers.Add("Idempotency-Key", key);
            request.Headers.Add(FileRights.Header, user);
            return await server.Client.SendAsync(request, Token);
        }

        var hers = await Expect.JsonAsync(await SendAsync("k1", "anna"), 201);
        await Expect.ProblemAsync(await SendAsync("k1", "ben"), "idempotency-mismatch", 422);
        Assert.Equal(hers.Id(), (await Expect.JsonAsync(await SendAsync("k1", "anna"), 201)).Id());
        StringContent Link() => new("""{"seconds":60}""", Encoding.UTF8, "application/json");
        await Expect.JsonAsync(await SendAsync("k2", "anna", $"/v1/files/{hers.Id()}/links", Link()), 200);
        await Expect.ProblemAsync(await SendAsync("k2", "ben", $"/v1/files/{hers.Id()}/links", Link()), "idempotency-mismatch", 422);

        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<StoreContext>().Database
                .ExecuteSqlRawAsync("CREATE TRIGGER no_answers BEFORE UPDATE ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'not now'); END", Token);
        }

        Assert.Equal(HttpStatusCode.Created, (await SendAsync("k3", "anna")).StatusCode);
        await Expect.ProblemAsync(await SendAsync("k3", "anna"), "idempotency-running", 409);
        Assert.Equal(2, FileClient.Contents(server).Length);
        var paths = (await Expect.JsonAsync(await server.Client.GetAsync("/openapi/v1.json", Token), 200)).GetProperty("paths");
        bool Takes(string path) => paths.GetProperty(path).GetProperty("post").TryGetProperty("parameters", out var all) && all.EnumerateArray().Any(p => p.GetProperty("name").GetString() == "Idempotency-Key");
        Assert.Equal((true, false), (Takes("/v1/files"), Takes("/v1/uploads")));
    }

    [Fact]
    public async Task A_zip_bomb_named_wav_is_kept_as_what_it_is_and_never_unpacked()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = zip.CreateEntry("voice.wav").Open();
            for (int i = 0; i < 100; i++)
            {
                await entry.WriteAsync(new byte[1 << 20], Token);
            }
        }

        var bomb = packed.ToArray();
        Assert.InRange(bomb.Length, 1, 1 << 20);
        var made = await server.Client.StoreAsync(bomb, "?name=voice.wav&type=audio/wav");
        Assert.Equal(("application/zip", bomb.Length, JsonValueKind.Null), (made.GetProperty("type").GetString(), made.GetProperty("size").GetInt32(), made.GetProperty("duration").ValueKind));
        Assert.InRange(made.GetProperty("storedSize").GetInt64(), 1, bomb.Length + 1000);
        Assert.Equal(bomb, await server.Client.ContentAsync(made.Id()));

        // A header that promises four gigabytes: what is there counts.
        byte[] wave = [.. "RIFF"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0, .. "data"u8, 0xF0, 0xFF, 0xFF, 0xFF, .. new byte[16_000]];
        made = await server.Client.StoreAsync(wave, "?name=long.wav");
        Assert.Equal(("audio/wav", 1.0), (made.GetProperty("type").GetString(), made.GetProperty("duration").GetDouble()));
    }

    [Fact]
    public async Task Secure_deletion_leaves_neither_record_nor_content_unless_a_hold_covers_the_file()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(100_000));
        using var hold = new StringContent("""{"reason":"case 1","recordType":"stored_files"}""", Encoding.UTF8, "application/json");
        var held = await Expect.JsonAsync(await server.Client.PostAsync("/v1/legal-holds", hold, Token), 201);
        await Expect.ProblemAsync(await server.Client.DeleteAsync($"/v1/files/{made.Id()}?secure=true", Token), "conflict", 409);
        Assert.Single(FileClient.Contents(server));
        await server.Client.DeleteAsync($"/v1/legal-holds/{held.Id()}", Token);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v1/files/{made.Id()}?secure=true", Token)).StatusCode);
        Assert.Empty(FileClient.Contents(server));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{made.Id()}", Token), "not-found", 404);
    }

    [Fact]
    public async Task Damaged_and_missing_contents_are_found_and_named()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(100_000));
        var verify = await Expect.JsonAsync(await server.Client.PostAsync($"/v1/files/{made.Id()}/verify", null, Token), 200);
        Assert.True(verify.GetProperty("ok").GetBoolean());
        var path = FileClient.Contents(server).Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[40_000] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        verify = await Expect.JsonAsync(await server.Client.PostAsync($"/v1/files/{made.Id()}/verify", null, Token), 200);
        Assert.Contains("Chunk 2 ", verify.GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await Expect.JsonAsync(await server.Client.GetAsync("/v1/files/stats", Token), 200)).GetProperty("damaged").GetInt32());
        File.Delete(path);
        var problem = await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{made.Id()}/content", Token), "unreadable", 500);
        Assert.Contains("missing", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
