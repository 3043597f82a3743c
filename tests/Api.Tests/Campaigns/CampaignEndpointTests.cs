using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Access;

namespace CloudStore.Api.Tests.Campaigns;

public sealed class CampaignEndpointTests
{
    private const string Body = """
        {"campaignId":"c1","campaignName":"Spring","platform":"Meta","channel":"Social","spend":12.50,"impressions":1000,"clicks":50,"conversions":2.5,
         "revenue":100,"date":"2026-01-31","funnelStage":"top","additionalData":{"device":"mobile","tags":["a","b"]}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_campaign_is_created_read_replaced_patched_and_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var created = await server.Client.PostAsync("/v1/campaigns", Body);
        var made = await Expect.JsonAsync(created, 201);
        Assert.Equal("\"1\"", created.Headers.ETag?.Tag);
        var path = created.Headers.Location!.OriginalString;
        Assert.Equal($"/v1/campaigns/{made.GetProperty("id").GetGuid()}", path);
        Assert.Equal((0.05m, 0.25m, 5m, 8m), (Number(made, "ctr"), Number(made, "cpc"), Number(made, "cpa"), Number(made, "roas")));
        Assert.Equal("2026-01-31T00:00:00Z", made.GetProperty("date").GetString());
        Assert.False(made.TryGetProperty("naturalKey", out _));
        Assert.False(made.TryGetProperty("tenant", out _));

        var read = await Expect.JsonAsync(await server.Client.GetAsync(path, Token), 200);
        Assert.Equal("mobile", read.GetProperty("additionalData").GetProperty("device").GetString());
        Assert.Equal(made.GetProperty("createdAt").GetString(), read.GetProperty("createdAt").GetString());

        var patched = await SendAsync(server, HttpMethod.Patch, path, """{"spend":25,"funnelStage":null,"additionalData":{"device":null,"os":"linux"}}""", "\"1\"");
        var changed = await Expect.JsonAsync(patched, 200);
        Assert.Equal("\"2\"", patched.Headers.ETag?.Tag);
        Assert.Equal((25m, 50m, 4m), (Number(changed, "spend"), Number(changed, "clicks"), Number(changed, "roas")));
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("funnelStage").ValueKind);
        Assert.False(changed.GetProperty("additionalData").TryGetProperty("device", out _));
        Assert.Equal("linux", changed.GetProperty("additionalData").GetProperty("os").GetString());

        var replaced = await Expect.JsonAsync(await SendAsync(server, HttpMethod.Put, path, """{"campaignId":"c1","spend":1}"""), 200);
        Assert.Equal((JsonValueKind.Null, "unknown", 3), (replaced.GetProperty("clicks").ValueKind, replaced.GetProperty("platform").GetString(), replaced.GetProperty("revision").GetInt32()));

        Assert.Equal(204, (int)(await server.Client.DeleteAsync(path + "?reason=over", Token)).StatusCode);
        await Expect.ProblemAsync(await server.Client.GetAsync(path, Token), "not-found", 404);
    }

    [Theory]
    [InlineData("""{"campaignId":"c","impressions":-1}""", "impressions", "not-negative")]
    [InlineData("""{"campaignId":"c","impressions":5,"clicks":6}""", "clicks", "at-most-impressions")]
    [InlineData("""{"spend":5}""", "campaignId", "required")]
    [InlineData("""{"campaignId":"c","additionalData":[1]}""", "additionalData", "type")]
    [InlineData("""{"campaignId":"c","additionalData":"text"}""", "additionalData", "type")]
    [InlineData("""{"campaignId":"c","date":"2026-02-30"}""", "date", "type")]
    [InlineData("""{"campaignId":"c","spend":"5"}""", "spend", "type")]
    [InlineData("""{"campaignId":5}""", "campaignId", "type")]
    [InlineData("""{"campaignId":"c","spend":1e400}""", "spend", "type")]
    [InlineData("""{"campaignId":"c","spent":5}""", "spent", "unknown")]
    [InlineData("""{"campaignId":"c","id":"019caf3e-8d60-7c3a-9f10-6a5b4c3d2e1f"}""", "id", "unknown")]
    [InlineData("""{"campaignId":"c","date":5}""", "date", "type")]
    public async Task What_breaks_a_rule_is_refused_by_field_and_rule(string body, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/campaigns", body), "invalid", 400, field, rule);
        Assert.Equal(0, (await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns?count=true", Token), 200)).GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("""{"campaignId":5}""", "campaignId must be a string.")]
    [InlineData("""{"campaignId":"c","spend":true}""", "spend must be a number.")]
    [InlineData("""{"campaignId":"c","date":5}""", "date must be a date and time as ISO 8601 writes it, e.g. 2026-01-31T09:30:00Z.")]
    [InlineData("""{"campaignId":"c" """, "The body is not well-formed JSON: it ends too early.")]
    public async Task What_a_field_should_have_been_is_said(string body, string detail)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var answer = await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", body), 400);
        Assert.Equal(detail, answer.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_same_campaign_twice_conflicts_until_the_first_is_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var first = await server.Client.PostAsync("/v1/campaigns", Body);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/campaigns", Body), "conflict", 409);
        await server.Client.DeleteAsync(first.Headers.Location, Token);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", Body), 201);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_stale_ETag_is_refused_by_every_change_and_a_current_one_is_not_sent_again(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var path = (await server.Client.PostAsync("/v1/campaigns", Body)).Headers.Location!.OriginalString;
        await Expect.JsonAsync(await SendAsync(server, HttpMethod.Patch, path, """{"spend":1}""", "\"1\""), 200);
        await Expect.ProblemAsync(await SendAsync(server, HttpMethod.Patch, path, """{"spend":2}""", "\"1\""), "stale", 412);
        await Expect.ProblemAsync(await SendAsync(server, HttpMethod.Put, path, """{"campaignId":"c1"}""", "\"1\""), "stale", 412);
        await Expect.ProblemAsync(await SendAsync(server, HttpMethod.Delete, path, null, "\"1\""), "stale", 412);
        var read = new HttpRequestMessage(HttpMethod.Get, path);
        read.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse("\"2\""));
        Assert.Equal(304, (int)(await server.Client.SendAsync(read, Token)).StatusCode);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Of_eight_writers_with_one_ETag_exactly_one_wins(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var path = (await server.Client.PostAsync("/v1/campaigns", Body)).Headers.Location!.OriginalString;
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => SendAsync(server, HttpMethod.Patch, path, $$"""{"spend":{{i}}}""", "\"1\"")));
        var winner = Assert.Single(answers, a => (int)a.StatusCode == 200);
        foreach (var lost in answers.Where(a => a != winner))
        {
            await Expect.ProblemAsync(lost, "stale", 412);
        }

        var kept = await Expect.JsonAsync(await server.Client.GetAsync(path, Token), 200);
        Assert.Equal(Number(await Expect.JsonAsync(winner, 200), "spend"), Number(kept, "spend"));
        Assert.Equal(2, kept.GetProperty("revision").GetInt32());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Another_tenants_record_is_not_there(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var path = (await server.Client.PostAsync("/v1/campaigns", Body)).Headers.Location!.OriginalString;
        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Writer, "globex"));
        await Expect.ProblemAsync(await other.GetAsync(path, Token), "not-found", 404);
        await Expect.ProblemAsync(await other.DeleteAsync(path, Token), "not-found", 404);
        await Expect.ProblemAsync(await other.GetAsync(path + "/analyses", Token), "not-found", 404);
        await Expect.ProblemAsync(await other.GetAsync(path + "/context", Token), "not-found", 404);
        await Expect.ProblemAsync(await other.PatchAsync(path, new StringContent("""{"spend":1}""", Encoding.UTF8, "application/merge-patch+json"), Token), "not-found", 404);
        Assert.Empty((await Expect.JsonAsync(await other.GetAsync("/v1/campaigns", Token), 200)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_reader_may_read_and_not_write()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var path = (await server.Client.PostAsync("/v1/campaigns", Body)).Headers.Location!.OriginalString;
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        await Expect.JsonAsync(await reader.GetAsync(path, Token), 200);
        await Expect.JsonAsync(await reader.GetAsync("/v1/campaigns/metrics?groupBy=day", Token), 200);
        await Expect.ProblemAsync(await reader.PostAsync("/v1/campaigns", Body), "forbidden", 403);
        await Expect.ProblemAsync(await reader.PostAsync("/v1/campaigns:batch", "[]"), "forbidden", 403);
        await Expect.ProblemAsync(await reader.PostAsync("/v1/llm-usage", "{}"), "forbidden", 403);
        await Expect.ProblemAsync(await reader.PostAsync("/v1/queries", "{}"), "forbidden", 403);
        await Expect.ProblemAsync(await reader.DeleteAsync(path, Token), "forbidden", 403);
    }

    internal static decimal Number(JsonElement json, string name) => decimal.Parse(json.GetProperty(name).GetRawText(), CultureInfo.InvariantCulture);

    internal static Task<HttpResponseMessage> SendAsync(ApiServer server, HttpMethod method, string path, string? body, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(ifMatch));
        }

        return server.Client.SendAsync(request, Token);
    }
}
