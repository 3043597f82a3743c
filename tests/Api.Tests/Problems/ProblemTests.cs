using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CloudStore.Api.Tests.Problems;

public sealed class ProblemTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unknown_routes_wrong_methods_and_wrong_content_types_are_problems()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/nowhere", Token), "no-route", 404);
        var method = await server.Client.PutAsync("/v1/keys", null, Token);
        await Expect.ProblemAsync(method, "method-not-allowed", 405);
        Assert.Equal(["GET", "POST"], method.Content.Headers.Allow.Order());
        Assert.Contains("text/plain", (await Expect.ProblemAsync(await server.Client.PostAsync("/v1/keys", "{}", contentType: "text/plain"), "unsupported-media", 415)).Detail());
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/keys?limit=many", Token), "invalid", 400, "limit", "type");
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/keys?limit=0", Token), "invalid", 400, "limit", "range");
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/keys?count=perhaps", Token), "invalid", 400, "count", "type");
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/keys?cursor=abcd", Token), "invalid-cursor", 400, "cursor", "cursor");
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("""{"name":"x",""", "malformed")]
    [InlineData("", "malformed")]
    [InlineData("not json", "malformed")]
    [InlineData("""{"name":"x","name":"y","role":"reader"}""", "malformed,invalid")]
    [InlineData("[]", "invalid")]
    [InlineData("null", "malformed,invalid")]
    public async Task Bodies_that_are_not_the_json_expected_are_problems(string body, string kinds)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var response = await server.Client.PostAsync("/v1/keys", body);
        var type = (await Expect.JsonAsync(response, 400)).GetProperty("type").GetString();
        Assert.Contains(type!["/problems/".Length..], kinds.Split(','));
    }

    [Fact]
    public async Task Json_nested_ten_thousand_deep_is_malformed()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var deep = $$"""{"name":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        var problem = await Expect.JsonAsync(await server.Client.PostAsync("/v1/keys", deep), 400);
        Assert.Equal("/problems/invalid", problem.GetProperty("type").GetString());
        var unknown = $$"""{"deep":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        Assert.Equal("deep", (await Expect.JsonAsync(await server.Client.PostAsync("/v1/keys", unknown), 400)).GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Idempotency-Key: cut\r\n")]
    public async Task A_body_that_stops_half_way_changes_nothing_and_is_no_error_of_the_server(string header)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using (var socket = await SendAsync(server, $"{header}Content-Length: 500\r\n\r\n" + """{"name":"x","ro"""))
        {
            socket.Shutdown(SocketShutdown.Send);
            // The server ends the connection, orderly or by a reset, without an answer: nobody would be there to read it.
            var answer = "";
            try
            {
                answer = await ReceiveAsync(socket);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
            }

            Assert.Equal("", answer);
        }

        Assert.Equal(1, (await Expect.JsonAsync(await server.Client.GetAsync("/v1/keys?count=true", Token), 200)).GetProperty("count").GetInt32());
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("", "5\r\n{\"nam\r\n0\r\n\r\n")]
    [InlineData("Idempotency-Key: cut\r\n", "5\r\n{\"nam\r\n0\r\n\r\n")]
    [InlineData("", "5\r\n{\"nam\r\nZZ\r\n")]
    [InlineData("Idempotency-Key: cut\r\n", "5\r\n{\"nam\r\nZZ\r\n")]
    public async Task A_body_whose_chunks_end_too_early_or_break_off_is_malformed(string header, string chunks)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var socket = await SendAsync(server, $"{header}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        var answer = await ReceiveAsync(socket);
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains("/problems/malformed", answer);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Failures_of_stores_say_when_to_come_back_and_faults_say_nothing_of_the_inside()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, map: app =>
        {
            var group = app.MapGroup("/v1/fail").RequireRole(Role.Reader);
            group.MapGet("/postgres", IResultOf(() => throw new NpgsqlException("refused", new SocketException(111))));
            group.MapGet("/sqlite", IResultOf(() => throw new SqliteException("busy", 5)));
            group.MapGet("/disk", IResultOf(() => throw new IOException("full", 28)));
            group.MapGet("/fault", IResultOf(() => throw new InvalidOperationException("the secret inside")));
        });
        foreach (var path in (string[])["postgres", "sqlite"])
        {
            var away = await server.Client.GetAsync($"/v1/fail/{path}", Token);
            await Expect.ProblemAsync(away, "unavailable", 503);
            Assert.Equal(TimeSpan.FromSeconds(5), away.Headers.RetryAfter?.Delta);
        }

        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/fail/disk", Token), "insufficient-storage", 507);
        Assert.Empty(server.Log.Errors);
        var fault = await Expect.ProblemAsync(await server.Client.GetAsync("/v1/fail/fault", Token), "internal", 500);
        Assert.DoesNotContain("secret", fault.GetRawText());
        Assert.Contains(fault.GetProperty("traceId").GetString()!, Assert.Single(server.Log.Errors));
    }

    [Fact]
    public async Task Each_kind_is_explained_by_the_service_and_by_the_page_in_the_same_words()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var client = server.ClientWith(null);
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Find()!.FullName, "docs", "problems.md"), Token);
        var listed = JsonDocument.Parse(await client.GetStringAsync("/problems", Token)).RootElement.EnumerateArray().Select(k => k.GetProperty("id").GetString()!).ToList();
        Assert.Equal(ProblemKind.All.Select(k => k.Id), listed);
        foreach (var id in listed)
        {
            var kind = JsonDocument.Parse(await client.GetStringAsync($"/problems/{id}", Token)).RootElement;
            Assert.Contains($"### {id}\n\n{kind.GetProperty("status")} · {kind.GetProperty("title")}\n\n{kind.GetProperty("explanation")}\n", page);
        }

        Assert.Equal(listed.Count, page.Split("\n### ").Length - 1);
        await Expect.ProblemAsync(await client.GetAsync("/problems/none", Token), "not-found", 404);
    }

    private static async Task<Socket> SendAsync(ApiServer server, string rest)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, Token);
        var head = $"POST /v1/keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ApiServer.OperatorKey}\r\nContent-Type: application/json\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head + rest), Token);
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        int received;
        while ((received = await socket.ReceiveAsync(buffer, Token)) > 0)
        {
            all.Write(buffer, 0, received);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static Func<string> IResultOf(Func<string> work) => work;
}
