using System.Text.Json;

namespace CloudStore.Api.Tests.Campaigns;

public sealed class CampaignListTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_batch_in_either_form_is_listed_filtered_and_summed(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var array = await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch", """
            [{"campaignId":"a","platform":"Meta","spend":10,"impressions":1000,"clicks":10,"conversions":2,"revenue":30,"date":"2026-01-31"},
             {"campaignId":"a","platform":"Google","spend":5,"impressions":100,"clicks":0,"date":"2026-02-01T00:00:00Z"}]
            """), 200);
        Assert.Equal((2, 0, 0, 2), (Int(array, "inserted"), Int(array, "updated"), Int(array, "skipped"), array.GetProperty("ids").GetArrayLength()));
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch", """{"items":[{"campaignId":"b","campaignName":"Búsqueda","platform":"Google","spend":0.10}]}"""), 200);

        Assert.Equal("b a a", await IdsAsync(server, ""));
        Assert.Equal("a b", await IdsAsync(server, "?platform=Google&sort=createdAt"));
        Assert.Equal("b a a", await IdsAsync(server, "?sort=spend"));
        Assert.Equal("a", await IdsAsync(server, "?to=2026-01-31"));
        Assert.Equal("a", await IdsAsync(server, "?from=2026-02-01&to=2026-03-01"));
        Assert.Equal("b", await IdsAsync(server, "?search=BÚSQ"));
        Assert.Equal("a a", await IdsAsync(server, "?campaignId=a"));

        var metrics = await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns/metrics?groupBy=platform", Token), 200);
        var groups = metrics.GetProperty("groups").EnumerateArray().ToList();
        Assert.Equal(["Google", "Meta"], groups.Select(g => g.GetProperty("key").GetString()));
        Assert.Equal((2, 5.1m, JsonValueKind.Null), (Int(groups[0], "campaigns"), CampaignEndpointTests.Number(groups[0], "spend"), groups[0].GetProperty("cpc").ValueKind));
        Assert.Equal((1m, 5m, 3m, 0.01m), (CampaignEndpointTests.Number(groups[1], "cpc"), CampaignEndpointTests.Number(groups[1], "cpa"),
            CampaignEndpointTests.Number(groups[1], "roas"), CampaignEndpointTests.Number(groups[1], "ctr")));
        var total = metrics.GetProperty("total");
        Assert.Equal((2, 3, 15.1m, 1_100), (Int(total, "campaigns"), Int(total, "rows"), CampaignEndpointTests.Number(total, "spend"), Int(total, "impressions")));
        var months = await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns/metrics?groupBy=month", Token), 200);
        Assert.Equal(["2026-01", "2026-02", null], months.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("key").GetString()));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Pages_follow_by_cursor_and_an_edited_one_is_refused(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var items = string.Join(',', Enumerable.Range(0, 25).Select(i => $$"""{"campaignId":"c{{i:00}}","spend":{{i % 3}}}"""));
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch", $"[{items}]"), 200);
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/campaigns?limit=10&sort=-spend&count=true&cursor={cursor}", Token), 200);
            Assert.Equal(25, Int(page, "count"));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("campaignId").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
            if (cursor is not null)
            {
                var edited = cursor[..5] + (cursor[5] == 'A' ? 'B' : 'A') + cursor[6..];
                await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/campaigns?sort=-spend&cursor={edited}", Token), "invalid-cursor", 400);
                await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/campaigns?sort=-spend&platform=Meta&cursor={cursor}", Token), "invalid-cursor", 400);
            }
        }
        while (cursor is not null);
        Assert.Equal((25, 25), (seen.Count, seen.Distinct().Count()));
        Assert.Equal(Enumerable.Range(0, 25).OrderByDescending(i => i % 3).Select(i => i % 3), seen.Select(id => int.Parse(id[1..], null) % 3));
    }

    [Theory]
    [InlineData("/v1/campaigns?limit=0", "limit", "range")]
    [InlineData("/v1/campaigns?limit=abc", "limit", "type")]
    [InlineData("/v1/keys?limit=abc", "limit", "type")]
    [InlineData("/v1/campaigns?sort=id", "sort", "known-field")]
    [InlineData("/v1/campaigns?from=soon", "from", "date")]
    [InlineData("/v1/campaigns/metrics", "groupBy", "required")]
    [InlineData("/v1/campaigns/metrics?groupBy=7", "groupBy", "known-value")]
    [InlineData("/v1/campaigns/metrics?groupBy=planet", "groupBy", "known-value")]
    [InlineData("/v1/analyses?status=over", "status", "known-value")]
    [InlineData("/v1/llm-usage/totals?groupBy=week", "groupBy", "known-value")]
    public async Task A_parameter_that_is_not_valid_is_named(string path, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.GetAsync(path, Token), "invalid", 400, field, rule);
    }

    [Theory]
    [InlineData("[]", "", "invalid", "items", "range")]
    [InlineData("{}", "", "invalid", "items", "range")]
    [InlineData("""[{"campaignId":"a"},{"campaignId":"b","impressions":-1}]""", "", "invalid", "[1].impressions", "not-negative")]
    [InlineData("""{"items":[{"campaignId":"a"},null]}""", "", "invalid", "[1].campaignId", "required")]
    [InlineData("""[{"campaignId":"a"},{"campaignId":"b","spend":"x"}]""", "", "invalid", "[1].spend", "type")]
    [InlineData("""{"items":[{"campaignId":"a"},{"campaignId":"b","spend":"x"}]}""", "", "invalid", "[1].spend", "type")]
    [InlineData("""{"rows":[]}""", "", "invalid", "rows", "unknown")]
    [InlineData("5", "", "invalid", "body", "type")]
    [InlineData("[{}]", "?onConflict=merge", "invalid", "onConflict", "known-value")]
    public async Task A_batch_that_is_not_valid_is_refused_whole(string body, string query, string kind, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/campaigns:batch" + query, body), kind, 400, field, rule);
        Assert.Equal("", await IdsAsync(server, ""));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_batch_of_ten_thousand_is_taken_and_one_more_is_not(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        string Items(int count) => "[" + string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"campaignId":"c{{i}}","spend":1}""")) + "]";
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/campaigns:batch", Items(10_001)), "invalid", 400, "items", "range");
        Assert.Equal(10_000, Int(await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch", Items(10_000)), 200), "inserted"));
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/campaigns:batch", Items(2)), "conflict", 409, "[0].campaignId", "unique");
        Assert.Equal(10_000, Int(await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch?onConflict=update", Items(10_000)), 200), "updated"));
    }

    private static int Int(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static async Task<string> IdsAsync(ApiServer server, string query)
    {
        var page = await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns" + query, Token), 200);
        return string.Join(' ', page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("campaignId").GetString()));
    }
}
