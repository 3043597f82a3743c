using System.Buffers.Text;
using System.Net;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Files;

/// <summary>Owners, grants and links.</summary>
public sealed class AccessTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_file_is_seen_by_its_owner_and_by_whom_it_was_granted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var file = (await server.Client.StoreAsync([1, 2, 3], "?name=mine", user: "anna")).Id();
        var path = $"/v1/files/{file}";
        Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsAsync("anna", HttpMethod.Get, path)).StatusCode);
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Get, path), "not-found", 404);
        Assert.Empty(await ListAsync(server, "ben"));

        var granted = await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"{path}/access", new { user = "ben", right = "read" }), 200);
        Assert.Equal("read", granted.GetProperty("right").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsAsync("ben", HttpMethod.Get, $"{path}/content")).StatusCode);
        Assert.Equal([file], await ListAsync(server, "ben"));
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Patch, path, new { name = "yours" }), "forbidden", 403);
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Post, $"{path}/access", new { user = "carl", right = "read" }), "forbidden", 403);

        await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"{path}/access", new { user = "ben", right = "write" }), 200);
        await Expect.JsonAsync(await server.Client.SendAsAsync("ben", HttpMethod.Patch, path, new { name = "ours" }), 200);
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Get, $"{path}/access"), "forbidden", 403);
        Assert.Equal(1, (await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Get, $"{path}/access"), 200)).GetArrayLength());

        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.SendAsAsync("anna", HttpMethod.Delete, $"{path}/access/ben")).StatusCode);
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Get, $"{path}/content"), "not-found", 404);
        await Expect.ProblemAsync(await server.Client.SendAsAsync("anna", HttpMethod.Delete, $"{path}/access/ben"), "not-found", 404);
    }

    [Fact]
    public async Task Only_an_operators_key_acts_for_others_and_sees_all()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var file = (await server.Client.StoreAsync([1], user: "anna")).Id();
        using var writer = server.ClientWith(await server.MakeKeyAsync(Role.Writer));
        await Expect.ProblemAsync(await writer.SendAsAsync("anna", HttpMethod.Get, $"/v1/files/{file}"), "forbidden", 403);
        await Expect.ProblemAsync(await writer.GetAsync($"/v1/files/{file}", Token), "not-found", 404);
        await Expect.ProblemAsync(await writer.PostAsync("/v1/files?owner=anna", new ByteArrayContent([1]), Token), "forbidden", 403);
        Assert.Equal("anna", (await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{file}", Token), 200)).GetProperty("owner").GetString());
        var own = await writer.StoreAsync([2]);
        Assert.Equal([2], await writer.ContentAsync(own.Id()));
        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Operator, tenant: "other"));
        await Expect.ProblemAsync(await other.GetAsync($"/v1/files/{file}/content", Token), "not-found", 404);
    }

    [Fact]
    public async Task A_right_that_has_ended_is_none()
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        var path = $"/v1/files/{(await server.Client.StoreAsync([1, 2, 3], user: "anna")).Id()}";
        await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"{path}/access", new { user = "ben", right = "read", expiresAt = Start.AddMinutes(5) }), 200);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsAsync("ben", HttpMethod.Get, $"{path}/content")).StatusCode);
        time.Advance(TimeSpan.FromMinutes(6));
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Get, $"{path}/content"), "not-found", 404);
    }

    [Fact]
    public async Task A_right_taken_back_in_the_middle_of_a_download_ends_it()
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        var path = $"/v1/files/{(await server.Client.StoreAsync(FileClient.Noise(40_000_000), "?compress=none", user: "anna")).Id()}";
        await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"{path}/access", new { user = "ben", right = "read" }), 200);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/content");
        request.Headers.Add("On-Behalf-Of", "ben");
        using var answer = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[1000], Token);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.SendAsAsync("anna", HttpMethod.Delete, $"{path}/access/ben")).StatusCode);
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Token));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_link_needs_no_key_until_it_expires_and_cannot_be_altered(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time);
        var file = (await server.Client.StoreAsync([1, 2, 3], "?name=x.bin", user: "anna")).Id();
        await Expect.ProblemAsync(await server.Client.SendAsAsync("ben", HttpMethod.Post, $"/v1/files/{file}/links", new { seconds = 60 }), "not-found", 404);
        await Expect.ProblemAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"/v1/files/{file}/links", new { seconds = 0 }), "invalid", 400, "seconds", "range");
        var link = (await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"/v1/files/{file}/links", new { seconds = 60 }), 200)).GetProperty("url").GetString()!;
        using var nobody = server.ClientWith(null);
        Assert.Equal([1, 2, 3], await nobody.GetByteArrayAsync(link, Token));
        for (int i = "/shared/".Length; i < link.Length; i++)
        {
            var altered = $"{link[..i]}{(link[i] == 'A' ? 'B' : 'A')}{link[(i + 1)..]}";
            Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(altered, Token)).StatusCode);
        }

        time.Advance(TimeSpan.FromSeconds(61));
        await Expect.ProblemAsync(await nobody.GetAsync(link, Token), "expired", 410);
        link = (await Expect.JsonAsync(await server.Client.SendAsAsync("anna", HttpMethod.Post, $"/v1/files/{file}/links", new { seconds = 60 }), 200)).GetProperty("url").GetString()!;
        await server.Client.DeleteAsync($"/v1/files/{file}", Token);
        await Expect.ProblemAsync(await nobody.GetAsync(link, Token), "expired", 410);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Links_that_are_not_good_are_in_the_audit_and_whoever_tries_them_is_held_up(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time, settings: _ => new() { ["RateLimits:Address:PerMinute"] = "1", ["RateLimits:Address:Burst"] = "3" });
        var file = (await server.Client.StoreAsync([1, 2, 3])).Id();
        async Task<string> LinkAsync(int seconds) => (await Expect.JsonAsync(await server.Client.PostAsync($"/v1/files/{file}/links", $$"""{"seconds":{{seconds}}}"""), 200)).GetProperty("url").GetString()!;
        string brief = await LinkAsync(1), good = await LinkAsync(600), madeUp = $"/shared/{Base64Url.EncodeToString(FileClient.Noise(72))}";
        time.Advance(TimeSpan.FromSeconds(2));
        using var nobody = server.ClientWith(null);
        await Expect.ProblemAsync(await nobody.GetAsync(brief, Token), "expired", 410);
        await Expect.ProblemAsync(await nobody.GetAsync(madeUp, Token), "not-found", 404);
        await Expect.ProblemAsync(await nobody.GetAsync($"{good[..^3]}{(good[^3] == 'A' ? 'B' : 'A')}{good[^2..]}", Token), "not-found", 404);
        foreach (var bad in (string[])[brief, madeUp])
        {
            var held = await nobody.GetAsync(bad, Token);
            await Expect.ProblemAsync(held, "rate-limited", 429);
            Assert.NotNull(held.Headers.RetryAfter);
        }

        // Whoever has a good one is not held up by them.
        Assert.Equal([1, 2, 3], await nobody.GetByteArrayAsync(good, Token));
        await server.App.Services.GetRequiredService<DeniedRequests>().WriteAsync(all: true, Token);
        await using var scope = server.App.Services.CreateAsyncScope();
        var denied = await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AuditEvent>().AsNoTracking().Where(e => e.Action == AuditAction.Denied).ToListAsync(Token);
        Assert.Equal(2, denied.Where(e => e.Actor == "link" && e.Details!.Contains("\"expired-link\"", StringComparison.Ordinal)).Sum(e => e.Items));
        Assert.Equal(2, denied.Where(e => e.Actor == "anonymous" && e.Details!.Contains("\"unknown-link\"", StringComparison.Ordinal)).Sum(e => e.Items));
    }

    [Fact]
    public async Task Of_two_writers_of_one_file_the_second_is_told()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await server.Client.StoreAsync([1]);
        async Task<HttpResponseMessage> PatchAsync(string name)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/files/{made.Id()}") { Content = new StringContent($$"""{"name":"{{name}}"}""", null, "application/json") };
            request.Headers.Add("If-Match", "\"1\"");
            return await server.Client.SendAsync(request, Token);
        }

        var answers = await Task.WhenAll(PatchAsync("a"), PatchAsync("b"));
        Assert.Equal([200, 412], answers.Select(a => (int)a.StatusCode).Order());
    }

    private static async Task<Guid[]> ListAsync(ApiServer server, string user) =>
        [.. (await Expect.JsonAsync(await server.Client.SendAsAsync(user, HttpMethod.Get, "/v1/files"), 200)).GetProperty("items").EnumerateArray().Select(f => f.Id())];
}
