using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CloudStore.Api.Tests.Files;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Uploads;

/// <summary>tus 1.0, header by header.</summary>
public sealed class TusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task An_upload_in_parts_becomes_a_file_of_its_id(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var content = FileClient.Noise(3_000_000);
        var location = await CreateAsync(server, content.Length, ("Upload-Metadata", $"filename {Base64("große Datei.bin")},tags {Base64("a,b")},is_confidential"));
        int offset = 0;
        foreach (int bytes in (int[])[0, 1, 999_999, 2_000_000])
        {
            using var answer = await PatchAsync(server, location, offset, content.AsMemory(offset, bytes));
            offset += bytes;
            Assert.Equal((HttpStatusCode.NoContent, offset.ToString(CultureInfo.InvariantCulture)), (answer.StatusCode, Header(answer, "Upload-Offset")));
            using var head = await SendAsync(server, HttpMethod.Head, location);
            Assert.Equal((HttpStatusCode.OK, offset.ToString(CultureInfo.InvariantCulture), "3000000", "no-store"), (head.StatusCode, Header(head, "Upload-Offset"), Header(head, "Upload-Length"), Header(head, "Cache-Control")));
        }

        var file = Guid.Parse(location.Split('/')[^1]);
        var made = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{file}", Token), 200);
        Assert.Equal(("große Datei.bin", Convert.ToHexStringLower(SHA256.HashData(content))), (made.GetProperty("name").GetString(), made.GetProperty("sha256").GetString()));
        Assert.Equal(content, await server.Client.ContentAsync(file));
        Assert.Empty(Directory.GetFiles(Path.Combine(server.DataFolder, "staged"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_has_arrived_counts_in_the_quota_and_once()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Files:TenantQuotaBytes"] = "1000" });
        var location = await CreateAsync(server, 800);
        using (var part = await PatchAsync(server, location, 0, new byte[400]))
        {
            Assert.Equal(HttpStatusCode.NoContent, part.StatusCode);
        }

        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files", new ByteArrayContent(new byte[601]), Token), "insufficient-storage", 507);
        var other = (await server.Client.StoreAsync(new byte[300])).Id();
        using (var tooMany = await PatchAsync(server, location, 400, new byte[301]))
        {
            await Expect.ProblemAsync(tooMany, "insufficient-storage", 507);
        }

        await server.Client.DeleteAsync($"/v1/files/{other}?secure=true", Token);
        using (var rest = await PatchAsync(server, location, 400, new byte[400]))
        {
            Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);
        }

        // All of it is there now as a file, whose making needed no room beside its parts'.
        Assert.Equal(new byte[800], await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
        using var third = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "201"));
        await Expect.ProblemAsync(third, "insufficient-storage", 507);
        using var fits = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "200"));
        Assert.Equal(HttpStatusCode.Created, fits.StatusCode);
    }

    [Fact]
    public async Task The_key_of_an_uploads_parts_is_not_destroyed_before_it_has_ended()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Protection:KeyCacheSeconds"] = "1" });
        var location = await CreateAsync(server, 10);
        using (await PatchAsync(server, location, 0, new byte[4]))
        {
            // Kept when the request ended.
        }

        var part = Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(server.DataFolder, "staged"), "*", SearchOption.AllDirectories)));
        var key = Guid.ParseExact(part[..32], "n");
        var keys = server.App.Services.GetRequiredService<KeyOperations>();
        var rotation = await keys.RotateAsync(null, "tester", cancellationToken: Token);
        Assert.True(await server.App.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, null, Token));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => keys.DestroyAsync(key, null, "tester", cancellationToken: Token));
        Assert.Contains("is needed by 1 uploads that are going on;", refused.Message, StringComparison.Ordinal);
        using (await PatchAsync(server, location, 4, new byte[6]))
        {
            // It is a file now.
        }

        await keys.DestroyAsync(key, null, "tester", cancellationToken: Token);
        Assert.Equal(new byte[10], await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
    }

    [Fact]
    public async Task The_server_says_what_it_speaks()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var answer = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/v1/uploads"), Token);
        Assert.Equal((HttpStatusCode.NoContent, "1.0.0", "1.0.0", "sha1,sha256", "68719476736"),
            (answer.StatusCode, Header(answer, "Tus-Version"), Header(answer, "Tus-Resumable"), Header(answer, "Tus-Checksum-Algorithm"), Header(answer, "Tus-Max-Size")));
        Assert.Equal("creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation", Header(answer, "Tus-Extension"));
    }

    [Fact]
    public async Task Mistakes_get_the_protocols_statuses()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Files:MaxBytes"] = "1000" });
        var location = await CreateAsync(server, 100);
        using var wrongOffset = await PatchAsync(server, location, 5, new byte[10]);
        await Expect.ProblemAsync(wrongOffset, "conflict", 409);
        using var noVersion = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, location), Token);
        Assert.Equal((HttpStatusCode.PreconditionFailed, "1.0.0"), (noVersion.StatusCode, Header(noVersion, "Tus-Version")));
        using var oldVersion = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Tus-Resumable", "0.2.2"), ("Upload-Length", "1"));
        await Expect.ProblemAsync(oldVersion, "tus-version", 412);
        using var tooLarge = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "1001"));
        await Expect.ProblemAsync(tooLarge, "too-large", 413);
        using var tooMany = await PatchAsync(server, location, 0, new byte[101]);
        await Expect.ProblemAsync(tooMany, "too-large", 413);
        using var wrongType = await SendAsync(server, HttpMethod.Patch, location, new StringContent("x"), ("Upload-Offset", "0"));
        await Expect.ProblemAsync(wrongType, "unsupported-media", 415);
        using var unknown = await SendAsync(server, HttpMethod.Head, $"/v1/uploads/{Guid.CreateVersion7()}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var unknownPatch = await PatchAsync(server, $"/v1/uploads/{Guid.CreateVersion7()}", 0, new byte[1]);
        await Expect.ProblemAsync(unknownPatch, "not-found", 404);
        foreach (var (name, value, field) in new[] { ("Upload-Length", "-1", "Upload-Length"), ("Upload-Length", "x", "Upload-Length"), ("X-None", "", "Upload-Length"), ("Upload-Defer-Length", "2", "Upload-Defer-Length") })
        {
            using var bad = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, (name, value));
            Assert.Equal(field, (await Expect.ProblemAsync(bad, "invalid", 400)).GetProperty("errors")[0].GetProperty("field").GetString());
        }

        using var badName = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "1"), ("Upload-Metadata", $"filename {Base64("../x")}"));
        await Expect.ProblemAsync(badName, "invalid", 400, "name", "file-name");
        using var badMetadata = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "1"), ("Upload-Metadata", "filename ***"));
        await Expect.ProblemAsync(badMetadata, "invalid", 400, "Upload-Metadata", "metadata");
        using var head = await SendAsync(server, HttpMethod.Head, location);
        Assert.Equal("0", Header(head, "Upload-Offset"));
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    public async Task Bytes_with_another_checksum_are_dropped(string algorithm)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        byte[] content = FileClient.Noise(1000);
        var digest = CryptographicOperations.HashData(new HashAlgorithmName(algorithm.ToUpperInvariant()), content);
        var location = await CreateAsync(server, 1000);
        digest[0] ^= 1;
        using var wrong = await PatchAsync(server, location, 0, content, ("Upload-Checksum", $"{algorithm} {Convert.ToBase64String(digest)}"));
        await Expect.ProblemAsync(wrong, "checksum", 460);
        using var head = await SendAsync(server, HttpMethod.Head, location);
        Assert.Equal("0", Header(head, "Upload-Offset"));
        digest[0] ^= 1;
        using var right = await PatchAsync(server, location, 0, content, ("Upload-Checksum", $"{algorithm} {Convert.ToBase64String(digest)}"));
        Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);
        using var unknown = await PatchAsync(server, location, 0, content, ("Upload-Checksum", "crc32 AAAA"));
        await Expect.ProblemAsync(unknown, "invalid", 400, "Upload-Checksum", "checksum");
    }

    [Fact]
    public async Task A_length_may_come_later_and_the_first_bytes_with_the_creation()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var content = FileClient.Noise(5000);
        using var created = await SendAsync(server, HttpMethod.Post, "/v1/uploads", Offset(content.AsMemory(0, 2000)), ("Upload-Defer-Length", "1"));
        Assert.Equal((HttpStatusCode.Created, "2000"), (created.StatusCode, Header(created, "Upload-Offset")));
        var location = created.Headers.Location!.ToString();
        using var head = await SendAsync(server, HttpMethod.Head, location);
        Assert.Equal(("1", null), (Header(head, "Upload-Defer-Length"), Header(head, "Upload-Length")));
        using var last = await PatchAsync(server, location, 2000, content.AsMemory(2000), ("Upload-Length", "5000"));
        Assert.Equal("5000", Header(last, "Upload-Offset"));
        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
        using var empty = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "0"));
        Assert.Equal(HttpStatusCode.Created, empty.StatusCode);
        Assert.Empty(await server.Client.ContentAsync(Guid.Parse(empty.Headers.Location!.ToString().Split('/')[^1])));
    }

    [Fact]
    public async Task Parts_that_were_uploaded_beside_each_other_are_put_together()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var content = FileClient.Noise(30_000);
        var parts = new List<string>();
        foreach (var (from, to) in new[] { (0, 10_000), (10_000, 10_001), (10_001, 30_000) })
        {
            var part = await CreateAsync(server, to - from, ("Upload-Concat", "partial"));
            using var answer = await PatchAsync(server, part, 0, content.AsMemory(from..to));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            using var ofPart = await SendAsync(server, HttpMethod.Head, part);
            Assert.Equal("partial", Header(ofPart, "Upload-Concat"));
            parts.Add(part == parts.FirstOrDefault() ? part : new Uri(server.Address, part).ToString());
        }

        var unfinished = await CreateAsync(server, 10, ("Upload-Concat", "partial"));
        using var tooEarly = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Concat", $"final;{parts[0]} {unfinished}"));
        await Expect.ProblemAsync(tooEarly, "invalid", 400, "Upload-Concat", "finished-part");
        using var final = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Concat", $"final;{string.Join(' ', parts)}"), ("Upload-Metadata", $"filename {Base64("whole")}"));
        Assert.Equal(HttpStatusCode.Created, final.StatusCode);
        var location = final.Headers.Location!.ToString();
        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
        using var head = await SendAsync(server, HttpMethod.Head, location);
        Assert.StartsWith("final;/v1/uploads/", Header(head, "Upload-Concat"), StringComparison.Ordinal);
        using var more = await PatchAsync(server, location, 30_000, new byte[1]);
        await Expect.ProblemAsync(more, "forbidden", 403);
    }

    [Fact]
    public async Task An_upload_can_be_given_up_and_expires()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        var location = await CreateAsync(server, 100);
        using var part = await PatchAsync(server, location, 0, new byte[50]);
        Assert.Equal("Sat, 02 May 2026 12:00:00 GMT", Header(part, "Upload-Expires"));
        using var gone = await SendAsync(server, HttpMethod.Delete, location);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using var after = await PatchAsync(server, location, 50, new byte[50]);
        await Expect.ProblemAsync(after, "not-found", 404);
        Assert.Empty(Directory.GetFiles(Path.Combine(server.DataFolder, "staged"), "*", SearchOption.AllDirectories));

        location = await CreateAsync(server, 100);
        time.Advance(TimeSpan.FromHours(25));
        using var late = await PatchAsync(server, location, 0, new byte[50]);
        await Expect.ProblemAsync(late, "expired", 410);
    }

    [Fact]
    public async Task Of_two_that_write_to_one_upload_at_once_one_is_told()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var content = FileClient.Noise(2_000_000);
        var location = await CreateAsync(server, content.Length);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PatchAsync(server, location, 0, content.AsMemory(0, 1_500_000))));
        Assert.Equal([204, 409, 409, 409], answers.Select(a => (int)a.StatusCode).Order());
        using var rest = await PatchAsync(server, location, 1_500_000, content.AsMemory(1_500_000));
        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
    }

    [Fact]
    public async Task Somebody_elses_upload_is_not_there_and_a_method_may_be_overridden()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var created = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Length", "3"), ("On-Behalf-Of", "anna"));
        var location = created.Headers.Location!.ToString();
        using var other = await SendAsync(server, HttpMethod.Head, location, null, ("On-Behalf-Of", "ben"));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        using var patched = await SendAsync(server, HttpMethod.Post, location, Offset(new byte[3]), ("X-HTTP-Method-Override", "PATCH"), ("Upload-Offset", "0"), ("On-Behalf-Of", "anna"));
        Assert.Equal(HttpStatusCode.NoContent, patched.StatusCode);
        var file = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{location.Split('/')[^1]}", Token), 200);
        Assert.Equal("anna", file.GetProperty("owner").GetString());
    }

    internal static async Task<string> CreateAsync(ApiServer server, long length, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(server, HttpMethod.Post, "/v1/uploads", null, [("Upload-Length", length.ToString(CultureInfo.InvariantCulture)), .. headers]);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Token));
        return answer.Headers.Location!.ToString();
    }

    internal static Task<HttpResponseMessage> PatchAsync(ApiServer server, string location, long offset, ReadOnlyMemory<byte> bytes, params (string Name, string Value)[] headers) =>
        SendAsync(server, HttpMethod.Patch, location, Offset(bytes), [("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture)), .. headers]);

    internal static Task<HttpResponseMessage> SendAsync(ApiServer server, HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (!request.Headers.Contains("Tus-Resumable"))
        {
            request.Headers.Add("Tus-Resumable", "1.0.0");
        }

        return server.Client.SendAsync(request, Token);
    }

    internal static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    private static ReadOnlyMemoryContent Offset(ReadOnlyMemory<byte> bytes) => new(bytes) { Headers = { { "Content-Type", "application/offset+octet-stream" } } };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
