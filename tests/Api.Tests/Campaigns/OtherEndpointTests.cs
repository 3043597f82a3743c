using System.Text.Json;

namespace CloudStore.Api.Tests.Campaigns;

public sealed class OtherEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Analyses_are_saved_listed_patched_and_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var campaign = (await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"a"}""")).Headers.Location!.OriginalString;
        var created = await server.Client.PostAsync(campaign + "/analyses", """{"type":"rag","status":"running","insights":["one",{"n":2}],"metrics":{"roas":2.5}}""");
        var analysis = await Expect.JsonAsync(created, 201);
        Assert.Equal(("rag", "running", 2), (analysis.GetProperty("type").GetString(), analysis.GetProperty("status").GetString(), analysis.GetProperty("insights").GetArrayLength()));
        Assert.EndsWith(analysis.GetProperty("campaignRef").GetString()!, campaign, StringComparison.Ordinal);
        var path = created.Headers.Location!.OriginalString;
        var done = await Expect.JsonAsync(await CampaignEndpointTests.SendAsync(server, HttpMethod.Patch, path, """{"status":"completed","executionTime":1.5}""", "\"1\""), 200);
        Assert.Equal((1.5, JsonValueKind.String), (done.GetProperty("executionTime").GetDouble(), done.GetProperty("completedAt").ValueKind));
        Assert.Equal(1, await CountAsync(server, campaign + "/analyses?status=completed"));
        Assert.Equal(1, await CountAsync(server, "/v1/analyses?type=rag"));
        Assert.Equal(0, await CountAsync(server, "/v1/analyses?type=auto"));
        await Expect.ProblemAsync(await server.Client.PostAsync(campaign + "/analyses", """{"type":"guess"}"""), "invalid", 400, "type", "type");
        await Expect.ProblemAsync(await server.Client.PostAsync(campaign + "/analyses", """{"metrics":[]}"""), "invalid", 400, "metrics", "type");
        Assert.Equal(204, (int)(await server.Client.DeleteAsync(path, Token)).StatusCode);
        await Expect.ProblemAsync(await server.Client.GetAsync(path, Token), "not-found", 404);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_context_has_versions_and_its_ETag_is_the_newest(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var path = (await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"a"}""")).Headers.Location!.OriginalString + "/context";
        await Expect.ProblemAsync(await server.Client.GetAsync(path, Token), "not-found", 404);
        await Expect.JsonAsync(await CampaignEndpointTests.SendAsync(server, HttpMethod.Put, path, """{"content":{"goal":"x"},"note":"first"}"""), 201);
        var second = await CampaignEndpointTests.SendAsync(server, HttpMethod.Put, path, """{"content":{"goal":"y"}}""", "\"1\"");
        Assert.Equal((2, "\"2\""), ((await Expect.JsonAsync(second, 201)).GetProperty("version").GetInt32(), second.Headers.ETag?.Tag));
        await Expect.ProblemAsync(await CampaignEndpointTests.SendAsync(server, HttpMethod.Put, path, """{"content":{}}""", "\"1\""), "stale", 412);
        await Expect.ProblemAsync(await server.Client.PostAsync(path, """{"content":"text"}"""), "invalid", 400, "content", "type");
        await Expect.ProblemAsync(await server.Client.PostAsync(path, """{"note":"no content"}"""), "invalid", 400, "content", "required");
        Assert.Equal("y", (await Expect.JsonAsync(await server.Client.GetAsync(path, Token), 200)).GetProperty("content").GetProperty("goal").GetString());
        Assert.Equal("x", (await Expect.JsonAsync(await server.Client.GetAsync(second.Headers.Location!.OriginalString.Replace("=2", "=1", StringComparison.Ordinal), Token), 200)).GetProperty("content").GetProperty("goal").GetString());
        Assert.Equal(2, await CountAsync(server, path + "/versions"));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Queries_are_recorded_rated_and_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var path = (await server.Client.PostAsync("/v1/queries", """{"question":"why?","answer":"because","sources":[{"id":1}],"latency":12}""")).Headers.Location!.OriginalString;
        var rated = await Expect.JsonAsync(await CampaignEndpointTests.SendAsync(server, HttpMethod.Put, path + "/feedback", """{"feedback":-1,"feedbackText":"no"}"""), 200);
        Assert.Equal((-1, "because"), (rated.GetProperty("feedback").GetInt32(), rated.GetProperty("answer").GetString()));
        await Expect.ProblemAsync(await server.Client.PostAsync(path + "/feedback", """{"feedback":3}"""), "invalid", 400, "feedback", "range");
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/queries", """{"answer":"a"}"""), "invalid", 400, "question", "required");
        Assert.Equal("so", (await Expect.JsonAsync(await CampaignEndpointTests.SendAsync(server, HttpMethod.Patch, path, """{"answer":"so"}"""), 200)).GetProperty("answer").GetString());
        Assert.Equal(1, await CountAsync(server, "/v1/queries?feedback=-1"));
        Assert.Equal(204, (int)(await server.Client.DeleteAsync(path, Token)).StatusCode);
        Assert.Equal(0, await CountAsync(server, "/v1/queries"));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Model_usage_is_recorded_and_summed(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var created = await server.Client.PostAsync("/v1/llm-usage", """{"provider":"openai","model":"m","promptTokens":10,"completionTokens":5,"cost":0.1,"operation":"chat","latency":80}""");
        Assert.Equal((15, "USD"), ((await Expect.JsonAsync(created, 201)).GetProperty("totalTokens").GetInt32(), (await Expect.JsonAsync(await server.Client.GetAsync(created.Headers.Location, Token), 200)).GetProperty("currency").GetString()));
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/llm-usage", """{"provider":"openai","model":"n","promptTokens":1,"completionTokens":1,"totalTokens":2,"cost":0.2}"""), 201);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/llm-usage", """{"provider":"openai","model":"n","promptTokens":1,"totalTokens":2}"""), "invalid", 400, "totalTokens", "sum");
        var totals = await Expect.JsonAsync(await server.Client.GetAsync("/v1/llm-usage/totals?groupBy=provider", Token), 200);
        var group = Assert.Single(totals.GetProperty("groups").EnumerateArray());
        Assert.Equal((2, 17, 0.3m, 0.3m), (group.GetProperty("requests").GetInt32(), group.GetProperty("totalTokens").GetInt32(), CampaignEndpointTests.Number(group, "cost"), CampaignEndpointTests.Number(group.GetProperty("costs"), "USD")));
        Assert.Equal(1, await CountAsync(server, "/v1/llm-usage?model=n"));
    }

    [Fact]
    public async Task The_OpenAPI_document_names_every_route_with_examples()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var paths = (await Expect.JsonAsync(await server.Client.GetAsync("/openapi/v1.json", Token), 200)).GetProperty("paths");
        string[] expected =
        [
            "/v1/campaigns", "/v1/campaigns/{id}", "/v1/campaigns:batch", "/v1/campaigns/metrics", "/v1/campaigns/{id}/analyses", "/v1/analyses", "/v1/analyses/{id}",
            "/v1/campaigns/{id}/context", "/v1/campaigns/{id}/context/versions", "/v1/queries", "/v1/queries/{id}", "/v1/queries/{id}/feedback", "/v1/llm-usage",
            "/v1/llm-usage/{id}", "/v1/llm-usage/totals",
        ];
        foreach (var path in expected)
        {
            Assert.True(paths.TryGetProperty(path, out var operations), $"{path} is missing");
            foreach (var operation in operations.EnumerateObject().Where(o => o.Value.ValueKind == JsonValueKind.Object))
            {
                Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!);
                Assert.True(operation.Name == "delete" || operation.Value.GetRawText().Contains("\"example\"", StringComparison.Ordinal), $"{operation.Name} {path} has no example");
            }
        }
    }

    private static async Task<int> CountAsync(ApiServer server, string path)
    {
        var page = await Expect.JsonAsync(await server.Client.GetAsync(path + (path.Contains('?') ? "&" : "?") + "count=true", Token), 200);
        Assert.Equal(page.GetProperty("count").GetInt32(), page.GetProperty("items").GetArrayLength());
        return page.GetProperty("count").GetInt32();
    }
}
