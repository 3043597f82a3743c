using System.Net;
using System.Text;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace CloudStore.Api.Tests.Files;

/// <summary>Parts of contents, conditions, and what browsers are told.</summary>
public sealed class ContentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("none")]
    [InlineData("zlib")]
    public async Task Any_range_is_answered_with_exactly_its_bytes(string compress)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var content = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i / 7)).ToArray();
        var id = (await server.Client.StoreAsync(content, $"?compress={compress}")).Id();
        foreach (var (range, from, to) in new[] { ("0-0", 0, 1), ("1048570-1048580", 1048570, 1048581), ("2999999-", 2999999, 3000000), ("-5", 2999995, 3000000), ("10-99999999", 10, 3000000), ("-99999999", 0, 3000000), ("0-9223372036854775807", 0, 3000000) })
        {
            using var answer = await GetAsync(server, id, ("Range", $"bytes={range}"));
            Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
            Assert.Equal($"bytes {from}-{to - 1}/3000000", answer.Content.Headers.ContentRange!.ToString());
            Assert.Equal(content[from..to], await answer.Content.ReadAsByteArrayAsync(Token));
        }

        using var none = await GetAsync(server, id, ("Range", "bytes=3000000-"));
        await Expect.ProblemAsync(none, "range", 416);
        Assert.Equal("bytes */3000000", none.Content.Headers.ContentRange!.ToString());
        foreach (var ignored in (string[])["lines=1-2", "bytes=5-2", "bytes=x", "bytes=0-2000000,1-2000000"])
        {
            using var whole = await GetAsync(server, id, ("Range", ignored));
            Assert.Equal((HttpStatusCode.OK, content.Length), (whole.StatusCode, (await whole.Content.ReadAsByteArrayAsync(Token)).Length));
        }
    }

    [Fact]
    public async Task Several_ranges_come_as_parts()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var content = FileClient.Noise(200_000);
        var id = (await server.Client.StoreAsync(content)).Id();
        using var answer = await GetAsync(server, id, ("Range", "bytes=0-9,100000-100019,-3"));
        Assert.Equal((HttpStatusCode.PartialContent, "multipart/byteranges"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        var reader = new Microsoft.AspNetCore.WebUtilities.MultipartReader(answer.Content.Headers.ContentType.Parameters.Single(p => p.Name == "boundary").Value!, await answer.Content.ReadAsStreamAsync(Token));
        foreach (var (range, bytes) in new[] { ("bytes 0-9/200000", content[..10]), ("bytes 100000-100019/200000", content[100_000..100_020]), ("bytes 199997-199999/200000", content[^3..]) })
        {
            var part = (await reader.ReadNextSectionAsync(Token))!;
            using var body = new MemoryStream();
            await part.Body.CopyToAsync(body, Token);
            Assert.Equal(range, part.Headers!["Content-Range"]);
            Assert.Equal(bytes, body.ToArray());
        }

        Assert.Null(await reader.ReadNextSectionAsync(Token));
    }

    [Fact]
    public async Task Conditions_and_HEAD_spare_the_content()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(5000));
        var tag = $"\"{made.GetProperty("sha256").GetString()}\"";
        using var same = await GetAsync(server, made.Id(), ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var part = await GetAsync(server, made.Id(), ("Range", "bytes=0-9"), ("If-Range", tag));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        using var whole = await GetAsync(server, made.Id(), ("Range", "bytes=0-9"), ("If-Range", "\"other\""));
        Assert.Equal((HttpStatusCode.OK, 5000), (whole.StatusCode, (await whole.Content.ReadAsByteArrayAsync(Token)).Length));
        using var head = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v1/files/{made.Id()}/content"), Token);
        Assert.Equal((HttpStatusCode.OK, 5000L, tag), (head.StatusCode, head.Content.Headers.ContentLength, head.Headers.ETag!.Tag));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
        using var headOfPart = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v1/files/{made.Id()}/content") { Headers = { { "Range", "bytes=0-9" } } }, Token);
        Assert.Equal((HttpStatusCode.OK, 5000L), (headOfPart.StatusCode, headOfPart.Content.Headers.ContentLength));
        var empty = await server.Client.StoreAsync([]);
        Assert.Empty(await server.Client.ContentAsync(empty.Id()));
    }

    [Fact]
    public async Task Preconditions_are_looked_at_in_the_order_of_RFC_9110()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(50));
        using var first = await GetAsync(server, made.Id());
        var (tag, date) = (first.Headers.ETag!.Tag, first.Content.Headers.LastModified!.Value);
        string since = HeaderUtilities.FormatDate(date), before = HeaderUtilities.FormatDate(date.AddDays(-1));
        foreach (var (status, headers) in new (int Status, (string, string)[] Headers)[]
        {
            (200, [("If-Match", tag)]), (200, [("If-Match", "*")]), (200, [("If-Match", $"\"x\", {tag}")]), (412, [("If-Match", "\"x\"")]), (412, [("If-Match", $"W/{tag}")]),
            (200, [("If-Unmodified-Since", since)]), (412, [("If-Unmodified-Since", before)]), (200, [("If-Unmodified-Since", "soon")]), (200, [("If-Match", tag), ("If-Unmodified-Since", before)]),
            (304, [("If-Modified-Since", since)]), (200, [("If-Modified-Since", before)]), (200, [("If-Modified-Since", "soon")]), (200, [("If-None-Match", "\"x\""), ("If-Modified-Since", since)]),
            (304, [("If-None-Match", tag), ("If-Modified-Since", before)]), (412, [("If-Match", "\"x\""), ("If-None-Match", tag)]), (412, [("If-Match", "\"x\""), ("Range", "bytes=0-9")]),
            (206, [("If-Match", tag), ("If-Modified-Since", before), ("Range", "bytes=0-9")]),
        })
        {
            using var answer = await GetAsync(server, made.Id(), headers);
            Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} for {string.Join(", ", headers)}");
        }
    }

    [Fact]
    public async Task A_record_that_says_more_than_its_content_has_is_not_believed()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(50));
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<StoredFile>().ExecuteUpdateAsync(s => s.SetProperty(f => f.Size, 51), Token);
        }

        using var whole = await GetAsync(server, made.Id());
        Assert.Contains("50 bytes, not 51", (await Expect.ProblemAsync(whole, "unreadable", 500)).Detail(), StringComparison.Ordinal);
        using var part = await GetAsync(server, made.Id(), ("Range", "bytes=50-50"));
        await Expect.ProblemAsync(part, "unreadable", 500);
    }

    [Fact]
    public async Task A_reading_that_cannot_be_noted_leaves_the_content_closed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks at /proc/self/fd");
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(50));
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<StoreContext>().Database
                .ExecuteSqlRawAsync("CREATE TRIGGER no_audit BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'not now'); END", Token);
        }

        using var refused = await GetAsync(server, made.Id());
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        var path = FileClient.Contents(server).Single();
        Assert.DoesNotContain(path, Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget));
    }

    [Fact]
    public async Task A_content_that_is_damaged_in_the_middle_is_cut_off_and_not_taken_for_whole()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync(FileClient.Noise(8_000_000));
        var path = FileClient.Contents(server).Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[5_000_000] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Client.ContentAsync(made.Id()));
        using var before = await GetAsync(server, made.Id(), ("Range", "bytes=0-1000000"));
        Assert.Equal(1_000_001, (await before.Content.ReadAsByteArrayAsync(Token)).Length);
    }

    [Fact]
    public async Task A_body_shorter_than_it_says_leaves_nothing()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using (var socket = new System.Net.Sockets.TcpClient())
        {
            await socket.ConnectAsync(server.Address.Host, server.Address.Port, Token);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ApiServer.OperatorKey}\r\nContent-Length: 5000000\r\n\r\n{new string('x', 100_000)}"), Token);
            await TestKit.Eventually.Async(() => FileClient.Contents(server).Length == 1, TimeSpan.FromMinutes(1), "the upload to begin");
        }

        await TestKit.Eventually.Async(() => FileClient.Contents(server).Length == 0, TimeSpan.FromMinutes(1), "the upload to be given up");
        Assert.Equal(0, (await Expect.JsonAsync(await server.Client.GetAsync("/v1/files/stats", Token), 200)).GetProperty("total").GetProperty("files").GetInt32());
        Assert.Empty(server.Log.Errors);
    }

    private static Task<HttpResponseMessage> GetAsync(ApiServer server, Guid id, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/files/{id}/content");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return server.Client.SendAsync(request, Token);
    }
}
