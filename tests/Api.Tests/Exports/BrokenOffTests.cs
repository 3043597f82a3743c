using System.Net;
using System.Net.Http.Headers;
using CloudStore.Api.Tests.Faults;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Api.Tests.Exports;

/// <summary>Exports that do not come to their end: nobody takes what there is for a whole file, and the audit has it.</summary>
public sealed class BrokenOffTests
{
    // More than all buffers on the way hold together.
    private const int Rows = 60_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<Provider, string> Forms() => new(Enum.GetValues<Provider>(), ["", "compress=gzip&format=jsonl"]);

    [Fact]
    public async Task A_database_that_goes_away_in_the_middle_cuts_the_answer_off()
    {
        TcpProxy? proxy = null;
        await using var server = await ApiServer.StartAsync(Provider.Postgres, settings: records =>
        {
            var direct = new NpgsqlConnectionStringBuilder(records);
            proxy = new TcpProxy(direct.Port);
            direct.Port = proxy.Port;
            return new() { ["ConnectionStrings:records"] = direct.ConnectionString };
        });
        using var way = proxy!;
        await AddAsync(server);
        using var answer = await StartAsync(server.Client, "campaigns");
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[1000], Token);
        way.Cut();
        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(Stream.Null, Token));

        way.Restore();
        Assert.Equal("started", (await ExportEndpointTests.EventsAsync(server)).Select(ExportEndpointTests.State).Last());
        // Whoever asks again gets it all.
        Assert.Equal(Rows + 1, (await server.Client.GetStringAsync("/v1/exports/campaigns?columns=campaignId", Token)).Split("\r\n").Length - 1);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_client_that_leaves_in_the_middle_is_in_the_audit_with_what_it_got_and_gives_its_connection_back(Provider provider, string form)
    {
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Exports:MostAtOnce"] = "1" });
        await AddAsync(server);
        using (var answer = await StartAsync(server.Client, $"campaigns?{form}"))
        {
            await using var body = await answer.Content.ReadAsStreamAsync(Token);
            await body.ReadExactlyAsync(new byte[1000], Token);
        }

        await Eventually.Async(async () => (await ExportEndpointTests.EventsAsync(server)).Length == 2, TimeSpan.FromSeconds(60), "the end of the export to be noted");
        var events = await ExportEndpointTests.EventsAsync(server);
        Assert.Equal(["interrupted", "started"], events.Select(ExportEndpointTests.State));
        Assert.InRange(events[0].GetProperty("items").GetInt32(), 1, Rows - 1);
        // Its place is free a moment after its end is noted.
        await Eventually.Async(async () => (await server.Client.GetAsync("/v1/exports/campaigns?campaignId=c-1", Token)).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(60), "the next export to have a place");
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task What_is_written_while_an_export_runs_is_not_in_it_and_does_not_wait_for_it(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await AddAsync(server);
        using var answer = await StartAsync(server.Client, "campaigns?columns=campaignId,spend");
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
            Assert.Equal(Rows, await context.Set<Campaign>().ExecuteUpdateAsync(s => s.SetProperty(c => c.Spend, 2m), Token));
        }

        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"late"}"""), 201);
        var lines = (await new StreamReader(body).ReadToEndAsync(Token)).Split("\r\n");
        Assert.Equal((Rows + 2, true), (lines.Length, lines[1..^1].All(l => l.EndsWith(",1", StringComparison.Ordinal))));
    }

    private static async Task<HttpResponseMessage> StartAsync(HttpClient client, string query)
    {
        var answer = await client.GetAsync($"/v1/exports/{query}", HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    private static async Task AddAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        // Names that do not compress, so that a packed file is as long.
        var rows = Enumerable.Range(0, Rows).Select(i => new CampaignDraft { CampaignId = $"c-{i}", CampaignName = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(200)), Spend = 1 });
        await scope.ServiceProvider.GetRequiredService<CampaignService>().ImportAsync(rows, cancellationToken: Token);
    }
}
