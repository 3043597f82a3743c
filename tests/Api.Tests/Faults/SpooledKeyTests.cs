using System.Net;
using System.Text.Json;
using CloudStore.Storage.Records.Spooling;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Faults;

/// <summary>Requests with an Idempotency-Key while the database is really away: taken, and stored once whichever way they are repeated.</summary>
public sealed class SpooledKeyTests
{
    // Nothing is replayed but by the test.
    private const int Never = 3_600_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(":batch")]
    public async Task A_repeat_gets_the_first_answer_while_the_request_waits_when_the_database_is_back_and_when_it_is_stored(string suffix)
    {
        var (server, way) = await SpoolTests.StartAsync(Never);
        await using var running = server;
        using var cut = way;
        string Body(int price) => suffix.Length == 0 ? SpoolTests.Sale("once", price) : $"[{SpoolTests.Sale("once", price)}]";
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales", SpoolTests.Sale("before", 1)), 201);

        way.Cut();
        var first = await Expect.JsonAsync(await PostAsync(server, Body(9), suffix), 202);
        await RepeatAsync(server, first, Body(9), Body(8), suffix);

        way.Restore();
        await RepeatAsync(server, first, Body(9), Body(8), suffix);
        Assert.Equal(1, await ReplayAsync(server));
        await RepeatAsync(server, first, Body(9), Body(8), suffix);
        Assert.Equal("applied", (await SpoolTests.StatusAsync(server, first)).GetProperty("status").GetString());
        Assert.Equal([("before", 1m), ("once", 9m)], await SpoolTests.SalesAsync(server));
    }

    [Fact]
    public async Task A_repeat_that_another_process_carried_out_is_not_stored_again_and_another_request_of_its_key_refuses_the_waiting_one()
    {
        var (first, way) = await SpoolTests.StartAsync(Never);
        await using var running = first;
        using var cut = way;
        await using var second = await ApiServer.StartAsync(Provider.Postgres, sharing: first);
        await Expect.JsonAsync(await first.Client.PostAsync("/v1/retail/sales", SpoolTests.Sale("before", 1)), 201);

        way.Cut();
        var same = await Expect.JsonAsync(await PostAsync(first, SpoolTests.Sale("same", 2), key: "k-same"), 202);
        var other = await Expect.JsonAsync(await PostAsync(first, SpoolTests.Sale("other", 3), key: "k-other"), 202);
        await Expect.JsonAsync(await PostAsync(second, SpoolTests.Sale("same", 2), key: "k-same"), 201);
        await Expect.JsonAsync(await PostAsync(second, SpoolTests.Sale("another", 4), key: "k-other"), 201);

        way.Restore();
        Assert.Equal(2, await ReplayAsync(first));
        Assert.Equal("applied", (await SpoolTests.StatusAsync(first, same)).GetProperty("status").GetString());
        var refused = await SpoolTests.StatusAsync(first, other);
        Assert.Equal("refused", refused.GetProperty("status").GetString());
        Assert.Contains("k-other", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(["before", "same", "another"], (await SpoolTests.SalesAsync(first)).Select(s => s.Product));
        await Expect.JsonAsync(await PostAsync(first, SpoolTests.Sale("same", 2), key: "k-same"), 201);
    }

    [Fact]
    public async Task Of_many_at_once_with_one_key_one_is_taken()
    {
        var (server, way) = await SpoolTests.StartAsync(Never);
        await using var running = server;
        using var cut = way;
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales", SpoolTests.Sale("before", 1)), 201);
        way.Cut();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(server, SpoolTests.Sale("once", 9))));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"{a.StatusCode}"));
        Assert.Single((await Task.WhenAll(answers.Where(a => a.StatusCode == HttpStatusCode.Accepted).Select(a => a.Content.ReadAsStringAsync(Token)))).Distinct());
        way.Restore();
        Assert.Equal(1, await ReplayAsync(server));
        Assert.Equal(2, (await SpoolTests.SalesAsync(server)).Count);
    }

    [Fact]
    public async Task The_next_process_knows_the_key_of_what_the_last_one_took()
    {
        var (first, way) = await SpoolTests.StartAsync(Never);
        await using var store = first;
        using var cut = way;
        await Expect.JsonAsync(await first.Client.PostAsync("/v1/retail/sales", SpoolTests.Sale("before", 1)), 201);
        way.Cut();
        var taken = await Expect.JsonAsync(await PostAsync(first, SpoolTests.Sale("once", 9)), 202);
        await first.App.StopAsync(Token);
        await first.App.DisposeAsync();

        way.Restore();
        await using var second = await ApiServer.StartAsync(Provider.Postgres, sharing: first);
        await RepeatAsync(second, taken, SpoolTests.Sale("once", 9), SpoolTests.Sale("once", 8), "");
        await Eventually.Async(async () => (await SpoolTests.SalesAsync(second)).Count == 2, TimeSpan.FromSeconds(60), "the entry to be stored");
        await RepeatAsync(second, taken, SpoolTests.Sale("once", 9), SpoolTests.Sale("once", 8), "");
        Assert.Equal(2, (await SpoolTests.SalesAsync(second)).Count);
    }

    [Fact]
    public async Task A_request_that_cannot_wait_answers_503_and_a_wrong_key_400()
    {
        var (server, way) = await SpoolTests.StartAsync(Never);
        await using var running = server;
        using var cut = way;
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales", SpoolTests.Sale("before", 1)), 201);
        way.Cut();
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"c"}""", "k-1"), "unavailable", 503);
        await Expect.ProblemAsync(await PostAsync(server, SpoolTests.Sale("once", 9), key: new string('k', 201)), "invalid", 400, "Idempotency-Key", "length");
        await Expect.ProblemAsync(await PostAsync(server, """{"productId":"x","sellingPrice":-1}"""), "invalid", 400);
        await Expect.JsonAsync(await PostAsync(server, SpoolTests.Sale("mended", 1)), 202);
    }

    private static Task<HttpResponseMessage> PostAsync(ApiServer server, string body, string suffix = "", string key = "k-1") => server.Client.PostAsync($"/v1/retail/sales{suffix}", body, key);

    private static async Task RepeatAsync(ApiServer server, JsonElement first, string same, string other, string suffix)
    {
        using var again = await PostAsync(server, same, suffix);
        Assert.Equal(first.GetRawText(), (await Expect.JsonAsync(again, 202)).GetRawText());
        Assert.Equal(($"/v1/spool/{first.GetProperty("id").GetString()}", "true"), (again.Headers.Location?.ToString(), again.Headers.GetValues("Idempotency-Replayed").Single()));
        await Expect.ProblemAsync(await PostAsync(server, other, suffix), "idempotency-mismatch", 422);
    }

    private static Task<int> ReplayAsync(ApiServer server) => server.App.Services.GetRequiredService<SpoolReplay>().RunAsync(Token);
}
