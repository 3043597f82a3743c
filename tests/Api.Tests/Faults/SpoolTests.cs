using System.Net;
using System.Text.Json;
using CloudStore.TestKit;
using Npgsql;

namespace CloudStore.Api.Tests.Faults;

/// <summary>Sales that come while the database is really away.</summary>
public sealed class SpoolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sales_are_taken_without_Postgres_and_stored_once_and_in_order_when_it_is_back()
    {
        var (server, way) = await StartAsync();
        await using var running = server;
        using var cut = way;
        await Expect.JsonAsync(await PostAsync(server, "", Sale("before", 1)), 201);

        way.Cut();
        var first = await Expect.JsonAsync(await PostAsync(server, "", Sale("away-1", 2)), 202);
        var batch = await PostAsync(server, ":batch?onConflict=update", $"[{Sale("away-2", 3)},{Sale("away-1", 4)}]");
        var second = await Expect.JsonAsync(batch, 202);
        var taken = await Expect.JsonAsync(await PostAsync(server, "", Sale("before", 5)), 202);
        Assert.Equal($"/v1/spool/{second.GetProperty("id").GetString()}", batch.Headers.Location!.ToString());
        Assert.Equal("waiting", (await StatusAsync(server, first)).GetProperty("status").GetString());
        await Expect.ProblemAsync(await PostAsync(server, "", """{"productId":"x","sellingPrice":-1}"""), "invalid", 400);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/v1/retail/sales", Token)).StatusCode);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(server.DataFolder, "spool"), "*.spool", SearchOption.AllDirectories),
            f => Text(f).Contains("away-1", StringComparison.Ordinal));

        way.Restore();
        await Eventually.Async(async () => (await StatusAsync(server, taken)).GetProperty("status").GetString() != "waiting", TimeSpan.FromSeconds(60), "the last entry to leave the spool");
        Assert.Equal("applied", (await StatusAsync(server, first)).GetProperty("status").GetString());
        Assert.Equal("applied", (await StatusAsync(server, second)).GetProperty("status").GetString());
        var refused = await StatusAsync(server, taken);
        Assert.Equal("refused", refused.GetProperty("status").GetString());
        Assert.Contains("before", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal([("before", 1m), ("away-1", 4m), ("away-2", 3m)], await SalesAsync(server));
        await Expect.JsonAsync(await PostAsync(server, "", Sale("after", 6)), 201);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(server.DataFolder, "spool", "0"), "*.spool"));
    }

    [Fact]
    public async Task What_a_process_that_ended_had_taken_is_stored_by_the_next_one()
    {
        var (first, way) = await StartAsync();
        await using var store = first;
        using var cut = way;
        await Expect.JsonAsync(await PostAsync(first, "", Sale("before", 1)), 201);
        way.Cut();
        var entry = await Expect.JsonAsync(await PostAsync(first, "", Sale("away", 2)), 202);
        await first.App.StopAsync(Token);
        await first.App.DisposeAsync();

        way.Restore();
        await using var second = await ApiServer.StartAsync(Provider.Postgres, sharing: first);
        await Eventually.Async(async () => (await SalesAsync(second)).Count == 2, TimeSpan.FromSeconds(60), "the entry to be stored");
        Assert.Equal("applied", (await StatusAsync(second, entry)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_write_that_nobody_spooled_is_not_found()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/spool/{Guid.CreateVersion7()}", Token), "not-found", 404);
    }

    internal static async Task<(ApiServer Server, TcpProxy Way)> StartAsync(int retryMilliseconds = 100)
    {
        TcpProxy? proxy = null;
        var server = await ApiServer.StartAsync(Provider.Postgres, settings: records =>
        {
            var direct = new NpgsqlConnectionStringBuilder(records);
            proxy = new TcpProxy(direct.Port);
            direct.Port = proxy.Port;
            return new() { ["ConnectionStrings:records"] = direct.ConnectionString, ["Spool:RetryMilliseconds"] = $"{retryMilliseconds}" };
        });
        return (server, proxy!);
    }

    internal static string Sale(string product, int price) =>
        $$"""{"productId":"{{product}}","invoiceId":"i-{{product}}","quantity":1,"sellingPrice":{{price}},"soldAt":"2026-03-01","customerId":"c-1"}""";

    private static Task<HttpResponseMessage> PostAsync(ApiServer server, string suffix, string body) => server.Client.PostAsync($"/v1/retail/sales{suffix}", body);

    internal static async Task<JsonElement> StatusAsync(ApiServer server, JsonElement entry) =>
        await Expect.JsonAsync(await server.Client.GetAsync($"/v1/spool/{entry.GetProperty("id").GetString()}", Token), 200);

    internal static async Task<List<(string Product, decimal Price)>> SalesAsync(ApiServer server)
    {
        var list = await Expect.JsonAsync(await server.Client.GetAsync("/v1/retail/sales?sort=createdAt", Token), 200);
        return [.. list.GetProperty("items").EnumerateArray().Select(i => (i.GetProperty("productId").GetString()!, i.GetProperty("sellingPrice").GetDecimal()))];
    }

    private static string Text(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
