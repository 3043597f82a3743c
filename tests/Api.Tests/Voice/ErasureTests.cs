using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Operations.Persons;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Voice;

/// <summary>All there is of one user, removed for good, with a certificate.</summary>
public sealed class ErasureTests
{
    private const string Email = "asha.kumari@example.org", Said = "the blue heron flies at dawn", Phone = "+91 98765 43210";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_and_an_erasure_of_one_user_wait_for_each_other()
    {
        await using var server = await VoiceHost.StartAsync(Provider.Sqlite, settings: ("PersonJobs:Workers", "0"));
        foreach (var (name, first, second) in new[] { ("asha", "exports", "erasures"), ("ravi", "erasures", "exports") })
        {
            await server.Client.UserAsync(name);
            await Expect.JsonAsync(await server.Client.SendAsync(first, new { username = name }), 202);
            await Expect.ProblemAsync(await server.Client.SendAsync(second, new { username = name }), "conflict", 409);
        }
    }

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task A_user_is_gone_from_rows_files_uploads_cache_and_keys_and_the_certificate_says_so(Provider provider)
    {
        await using var server = await VoiceHost.StartAsync(provider);
        var client = server.Client;
        await SpeakAsync(client, "asha");
        await SpeakAsync(client, "ravi");
        await UploadPartAsync(client, "asha");
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            await scope.ServiceProvider.GetRequiredService<IStoreCache>().SetAsync("greeting", Said, new CacheEntryOptions { Tags = ["person:asha"] }, cancellationToken: Token);
        }

        using var keyed = await client.PostAsync("/v1/voice/users", $$"""{"username":"twin","email":"{{Email}}"}""", idempotencyKey: "k-1");
        Assert.Equal(201, (int)keyed.StatusCode);

        var asked = await Expect.JsonAsync(await client.SendAsync("erasures", new { username = "asha" }), 202);
        var salt = Convert.FromHexString(asked.GetProperty("personSalt").GetString()!);
        var job = await client.EndAsync("erasures", asked.Id());
        Assert.True(job.GetProperty("status").GetString() == "succeeded", job.ToString());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (job.GetProperty("username").ValueKind, job.GetProperty("personSalt").ValueKind));

        var stated = Open(server, await client.GetStringAsync($"/v1/voice/erasures/{asked.Id()}/certificate", Token));
        Assert.Equal((asked.Id(), "default", "test-operator"), (stated.GetProperty("job").GetGuid(), stated.GetProperty("tenant").GetString(), stated.GetProperty("requestedBy").GetString()));
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(salt, "default\nasha"u8)), stated.GetProperty("person").GetString());
        Dictionary<string, long> rows = new()
        {
            ["voice_users"] = 1, ["voice_profiles"] = 1, ["voice_consents"] = 4, ["voice_sessions"] = 1, ["voice_turns"] = 1, ["voice_audio_files"] = 1, ["stored_files"] = 1, ["file_uploads"] = 1,
            ["file_upload_segments"] = 1, ["idempotency_keys"] = 1,
        };
        Assert.Equal(rows, stated.GetProperty("rows").EnumerateObject().ToDictionary(r => r.Name, r => r.Value.GetInt64()));
        Assert.Equal((2, 0, 1), (stated.GetProperty("contents").GetInt32(), stated.GetProperty("contentsUnreached").GetInt32(), stated.GetProperty("keys").GetArrayLength()));
        Assert.Equal(KeyAbsence.Destroyed, server.App.Services.GetRequiredService<KeyRing>().Find(stated.GetProperty("keys")[0].GetGuid()).Absence);

        Assert.Empty(await client.ItemsAsync("turns?username=asha"));
        Assert.Equal(Said, Assert.Single(await client.ItemsAsync("turns?username=ravi")).GetProperty("text").GetString());
        Assert.Single(FileClient.Contents(server));
        Assert.Empty(Directory.GetFiles(Path.Combine(server.DataFolder, "staged"), "*", SearchOption.AllDirectories));
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            Assert.False((await scope.ServiceProvider.GetRequiredService<IStoreCache>().GetAsync<string>("greeting", Token)).Found);
        }

        await Expect.ProblemAsync(await client.SendAsync("erasures", new { username = "asha" }), "not-found", 404);
        await client.UserAsync("asha");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_certificate_that_was_changed_is_not_believed_and_the_script_checks_one_offline(Provider provider)
    {
        await using var server = await VoiceHost.StartAsync(provider);
        await server.Client.UserAsync("asha");
        var asked = await Expect.JsonAsync(await server.Client.SendAsync("erasures", new { username = "asha" }), 202);
        await server.Client.EndAsync("erasures", asked.Id());
        var certificate = await server.Client.GetStringAsync($"/v1/voice/erasures/{asked.Id()}/certificate", Token);
        var vkey = await server.Client.GetStringAsync("/v1/audit/vkey", Token);
        Assert.Equal(server.App.Services.GetRequiredService<AuditLogs>().Verifier.Vkey, vkey.Trim());
        Assert.Null(server.App.Services.GetRequiredService<AuditLogs>().Verifier.Open(certificate.Replace("\"voice_users\":1", "\"voice_users\":2", StringComparison.Ordinal)));

        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs Python");
        var salt = asked.GetProperty("personSalt").GetString()!;
        var (code, output) = await VerifyAsync(certificate, vkey, salt, "asha");
        Assert.True(code == 0 && output.Contains("OK: signed, and about asha", StringComparison.Ordinal), output);
        Assert.Equal(1, (await VerifyAsync(certificate, vkey, salt, "ravi")).Code);
        Assert.Equal(1, (await VerifyAsync(certificate.Replace("\"voice_consents\":4", "\"voice_consents\":5", StringComparison.Ordinal), vkey, salt, "asha")).Code);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_legal_hold_wins_whenever_it_comes(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await SpeakAsync(server.Client, "asha");
        var hold = await Expect.JsonAsync(await server.Client.PostAsync("/v1/legal-holds", """{"reason":"case 1","subject":"asha"}"""), 201);
        await Expect.ProblemAsync(await server.Client.SendAsync("erasures", new { username = "asha" }), "conflict", 409);
        await server.Client.DeleteAsync($"/v1/legal-holds/{hold.Id()}?reason=settled", Token);

        // Asked for while there was none, and held before a worker came.
        var asked = await Expect.JsonAsync(await server.Client.SendAsync("erasures", new { username = "asha" }), 202);
        await Expect.ProblemAsync(await server.Client.SendAsync("consents", new { username = "asha", purpose = "analytics", decision = "given", version = "1" }), "conflict", 409);
        hold = await Expect.JsonAsync(await server.Client.PostAsync("/v1/legal-holds", """{"reason":"case 2","recordType":"voice_turns"}"""), 201);
        Assert.True(await ExportTests.RunAsync(server));
        var job = await server.Client.ReadAsync($"erasures/{asked.Id()}");
        Assert.Equal(("failed", "/problems/conflict", false), (job.GetProperty("status").GetString(), job.GetProperty("problem").GetProperty("type").GetString(), job.GetProperty("hasCertificate").GetBoolean()));
        Assert.Single(await server.Client.ItemsAsync("turns?username=asha"));
        Assert.Equal(Waves.Tone(), await server.Client.ContentAsync(Assert.Single(await server.Client.ItemsAsync("audio-files?username=asha")).GetProperty("fileId").GetGuid()));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/voice/erasures/{asked.Id()}/certificate", Token), "conflict", 409);

        await server.Client.DeleteAsync($"/v1/legal-holds/{hold.Id()}?reason=settled", Token);
        await Expect.JsonAsync(await server.Client.SendAsync("erasures", new { username = "asha" }), 202);
        Assert.True(await ExportTests.RunAsync(server));
        Assert.Empty(await server.Client.ItemsAsync("turns?username=asha"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_job_itself_names_nobody_in_clear(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await server.Client.UserAsync("asha", Email, Phone);
        await server.Client.SendAsync("erasures", new { username = "asha" });
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        var job = await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<PersonJob>().AsNoTracking().SingleAsync(Token);
        Assert.Equal("asha", job.Person);
        Assert.Contains(Email, job.OtherNames, StringComparison.Ordinal);
        Assert.False(await Plaintext.IsAnywhereAsync(server, Email));
        Assert.True(await ExportTests.RunAsync(server));
        job = await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<PersonJob>().AsNoTracking().SingleAsync(Token);
        Assert.Equal((null, null, null, null), (job.Person, job.OtherNames, job.Salt, job.PersonIndex));
    }

    private static async Task SpeakAsync(HttpClient client, string username)
    {
        await client.UserAsync(username, username == "asha" ? Email : null, Phone);
        await client.CreateAsync("profiles", new { username, accent = "Awadhi" });
        var audio = await client.RecordingAsync(username, Waves.Tone(), Said);
        var session = await client.CreateAsync("sessions", new { username, context = new { said = Said } });
        await client.CreateAsync("turns", new { sessionId = session.Id(), text = Said, audioFileId = audio.Id() });
    }

    // Half of an upload, which waits for the rest.
    private static async Task UploadPartAsync(HttpClient client, string username)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/uploads") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Said)) };
        request.Content.Headers.ContentType = new("application/offset+octet-stream");
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Upload-Length", "1000");
        request.Headers.Add(Storage.Files.FileRights.Header, username);
        Assert.Equal(201, (int)(await client.SendAsync(request, Token)).StatusCode);
    }

    // As whoever has nothing but the key and the published form of signed notes.
    private static JsonElement Open(ApiServer server, string certificate)
    {
        var vkey = server.App.Services.GetRequiredService<AuditLogs>().Verifier.Vkey.Split('+', 3);
        int end = certificate.LastIndexOf("\n\n", StringComparison.Ordinal) + 1;
        var signature = certificate[(end + 1)..].TrimEnd('\n').Split(' ');
        Assert.Equal(("\u2014", vkey[0]), (signature[0], signature[1]));
        var bytes = Convert.FromBase64String(signature[2]);
        Assert.Equal(vkey[1], Convert.ToHexStringLower(bytes[..4]));
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(vkey[2]).AsSpan(1), out _);
        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes(certificate[..end]), bytes[4..], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        var lines = certificate.Split('\n');
        Assert.Equal("CloudStore erasure certificate v1", lines[0]);
        return JsonDocument.Parse(lines[1]).RootElement;
    }

    private static async Task<(int Code, string Output)> VerifyAsync(string certificate, string vkey, string salt, string person)
    {
        var script = Path.Combine(RepositoryRoot.Find()!.FullName, "docs", "certificate_verify.py");
        var start = new ProcessStartInfo("/usr/bin/python3", ["-B", script, "-", "--vkey", vkey.Trim(), "--salt", salt, "--person", person]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(certificate);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Token) + await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output);
    }
}
