using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Api.Tests.Http;

public sealed class KnownQueryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/campaigns?plattform=Meta", "plattform", "platform, channel, funnelStage, campaignId, from, to, search, limit, cursor, sort, count")]
    [InlineData("/v1/campaigns/metrics?groupBy=platform&form=2026-01-01", "form", "groupBy, platform")]
    [InlineData("/v1/analyses?limit=1&kind=auto", "kind", "type, status, limit")]
    [InlineData("/v1/imports/targets?limit=1", "limit", "none here")]
    public async Task A_filter_with_a_slip_in_its_name_is_refused_and_told_what_there_is(string path, string name, string known)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var answer = await server.Client.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = Assert.Single((await answer.Content.ReadFromJsonAsync<ProblemAnswer>(Token))!.Errors);
        Assert.Equal((name, "unknown"), (error.Field, error.Rule));
        Assert.Contains(known, error.Message);
    }

    [Fact]
    public async Task Each_parameter_that_the_document_lists_for_a_GET_is_known()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var paths = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token)).RootElement.GetProperty("paths");
        int seen = 0;
        foreach (var path in paths.EnumerateObject().Where(p => p.Name.StartsWith("/v1/", StringComparison.Ordinal) && p.Value.TryGetProperty("get", out _)))
        {
            foreach (var parameter in path.Value.GetProperty("get").TryGetProperty("parameters", out var all) ? all.EnumerateArray() : [])
            {
                if (parameter.GetProperty("in").GetString() == "query")
                {
                    seen++;
                    var name = parameter.GetProperty("name").GetString();
                    using var answer = await server.Client.GetAsync($"{path.Name.Replace("{id}", Guid.Empty.ToString(), StringComparison.Ordinal)}?{name}=", Token);
                    Assert.DoesNotContain("There is no parameter", await answer.Content.ReadAsStringAsync(Token));
                }
            }
        }

        Assert.True(seen > 30);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_said_about_parameters()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var client = server.ClientWith(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v1/campaigns?plattform=Meta", Token)).StatusCode);
    }
}
