using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudStore.Storage;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Audit;

public sealed class AuditEndpointTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Who_did_what_from_where_is_listed_and_filtered(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        server.Client.DefaultRequestHeaders.UserAgent.ParseAdd("audit-test/1.0");
        var made = await (await server.Client.PostAsJsonAsync("/v1/campaigns", new { campaignId = "c-1" }, Token)).Content.ReadFromJsonAsync<JsonElement>(Token);
        var id = made.GetProperty("id").GetString();
        using var delete = new HttpRequestMessage(HttpMethod.Delete, $"/v1/campaigns/{id}");
        delete.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        (await server.Client.SendAsync(delete, Token)).EnsureSuccessStatusCode();
        await server.MakeKeyAsync(Role.Reader);

        var own = await ListAsync(server, $"record={id}");
        Assert.Equal(["delete", "create"], own.Select(e => e.GetProperty("action").GetString()));
        Assert.All(own, e => Assert.Equal(("test-operator", "127.0.0.1 audit-test/1.0", "campaigns"), (Text(e, "actor"), Text(e, "origin"), Text(e, "recordType"))));
        Assert.Equal(Text(own[1], "after"), Text(own[0], "before"));
        Assert.Equal(2, (await ListAsync(server, "action=key")).Length);
        Assert.Equal("{\"operation\":\"create\"}", (await ListAsync(server, "action=key&actor=test"))[0].GetProperty("details").GetRawText());
        Assert.Single(await ListAsync(server, "type=campaigns&action=create"));
        Assert.Empty(await ListAsync(server, "to=2020-01-01"));
        Assert.Equal(4, (await ListAsync(server, "from=2020-01-01")).Length);
        Assert.Equal([1, 2, 3, 4], (await PagesAsync(server, "sort=sequence&limit=3")).Select(e => e.GetProperty("sequence").GetInt64()));
        Assert.Equal([4, 3, 2, 1], (await PagesAsync(server, "limit=3")).Select(e => e.GetProperty("sequence").GetInt64()));
    }

    [Theory]
    [InlineData("record=nope", "record")]
    [InlineData("action=nope", "action")]
    [InlineData("from=nope", "from")]
    [InlineData("sort=at", "sort")]
    [InlineData("limit=0", "limit")]
    [InlineData("actr=x", "actr")]
    public async Task A_filter_that_is_no_filter_is_named(string query, string field)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var problem = await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/audit?{query}", Token), "invalid", 400);
        Assert.Equal(field, problem.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Operators_see_their_tenants_events_only_and_others_none(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        (await server.Client.PostAsJsonAsync("/v1/campaigns", new { campaignId = "c-1" }, Token)).EnsureSuccessStatusCode();
        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Operator, "acme"));
        var seen = await other.GetFromJsonAsync<JsonElement>("/v1/audit", Token);
        Assert.Equal("key", Assert.Single(seen.GetProperty("items").EnumerateArray()).GetProperty("action").GetString());
        var foreign = (await ListAsync(server, "action=create"))[0].GetProperty("id").GetString();
        await Expect.ProblemAsync(await other.GetAsync($"/v1/audit/{foreign}/proof", Token), "not-found", 404);
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        await Expect.ProblemAsync(await reader.GetAsync("/v1/audit", Token), "forbidden", 403);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_keeper_takes_events_into_the_log_by_itself_and_gives_checkpoint_and_proof(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, configure: b => b.AddKeeper());
        (await server.Client.PostAsJsonAsync("/v1/campaigns", new { campaignId = "c-1" }, Token)).EnsureSuccessStatusCode();
        var id = (await ListAsync(server, "action=create"))[0].GetProperty("id").GetString();
        HttpResponseMessage? proof = null;
        await Eventually.Async(async () => (proof = await server.Client.GetAsync($"/v1/audit/{id}/proof", Token)).StatusCode == HttpStatusCode.OK, Patience, "the log to take the event");
        var verifier = server.App.Services.GetRequiredService<AuditLogs>().Verifier;
        Assert.True(TlogProof.Parse(await proof!.Content.ReadAsStringAsync(Token)).IsRight(verifier));
        Assert.Equal("text/plain", proof.Content.Headers.ContentType!.MediaType);
        // A proof is made of the files, which the keeper writes before it tells the database of the checkpoint.
        await Eventually.Async(async () => await server.Client.GetAsync("/v1/audit/checkpoint", Token) is { StatusCode: HttpStatusCode.OK } answer
            && Checkpoint.Open(await answer.Content.ReadAsStringAsync(Token), verifier) is { Size: 2 }, Patience, "a checkpoint of both events");
    }

    [Fact]
    public async Task Without_a_log_there_is_no_checkpoint_and_a_proof_says_where_it_looked()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/audit/checkpoint", Token), "not-found", 404);
        var id = (await ListAsync(server, ""))[0].GetProperty("id").GetString();
        Assert.Contains("Audit:Folder", (await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/audit/{id}/proof", Token), "unavailable", 503)).Detail());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Refused_requests_are_events_of_whose_key_it_is_and_a_flood_is_one(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var denied = server.App.Services.GetRequiredService<DeniedRequests>();
        using var nobody = server.ClientWith(null);
        using var unknown = server.ClientWith(KeyText.Create().Text);
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader, "acme"));
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/v1/campaigns", Token)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await unknown.GetAsync("/v1/campaigns", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync("/v1/keys", Token)).StatusCode);
        await denied.WriteAsync(all: true, Token);
        var events = await DeniedAsync(server);
        Assert.Equal(202, events.Sum(e => e.Items));
        Assert.InRange(events.Count, 3, 6);
        var forbidden = Assert.Single(events, e => e.Tenant == "acme");
        Assert.Equal("""{"status":403,"reason":"role","method":"GET","route":"/v1/keys/"}""", forbidden.Details);
        Assert.NotEqual("anonymous", forbidden.Actor);
        Assert.All(events.Where(e => e.Tenant != "acme"), e => Assert.Equal(("default", "anonymous"), (e.Tenant, e.Actor)));
        Assert.Contains(events, e => e.Details!.Contains("\"missing\"", StringComparison.Ordinal));
        Assert.Contains(events, e => e.Details!.Contains("\"unknown\"", StringComparison.Ordinal));
    }

    private static async Task<List<AuditEvent>> DeniedAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AuditEvent>().AsNoTracking().Where(e => e.Action == AuditAction.Denied).ToListAsync(Token);
    }

    private static async Task<JsonElement[]> ListAsync(ApiServer server, string query) =>
        [.. (await server.Client.GetFromJsonAsync<JsonElement>($"/v1/audit?{query}", Token)).GetProperty("items").EnumerateArray()];

    private static async Task<List<JsonElement>> PagesAsync(ApiServer server, string query)
    {
        var all = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await server.Client.GetFromJsonAsync<JsonElement>($"/v1/audit?{query}&cursor={cursor}", Token);
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return all;
    }

    private static string? Text(JsonElement e, string name) => e.GetProperty(name).GetString();
}
