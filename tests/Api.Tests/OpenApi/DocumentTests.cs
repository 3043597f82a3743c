using System.Text.Json;
using System.Text.RegularExpressions;
using CloudStore.Ingestion;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.OpenApi;

public sealed class DocumentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_route_appears_with_summary_schemas_security_problems_and_examples()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var client = server.ClientWith(null);
        var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json", Token)).RootElement;
        var schemes = document.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal("bearer", schemes.GetProperty("bearer").GetProperty("scheme").GetString());
        Assert.Equal("X-Api-Key", schemes.GetProperty("apiKey").GetProperty("name").GetString());

        int seen = 0;
        var ids = new HashSet<string>();
        foreach (var endpoint in server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            // The document names parameters without their constraints.
            var path = Regex.Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{\\*{0,2}([^:}]+)[^}]*}", "{$1}");
            if (!path.StartsWith("/v1/", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                seen++;
                Assert.True(document.GetProperty("paths").TryGetProperty(path, out var item), $"{path} is missing");
                var operation = item.GetProperty(method.ToLowerInvariant());
                Assert.True(ids.Add(operation.GetProperty("operationId").GetString()!), $"{method} {path} shares its operation id");
                Check(operation, $"{method} {path}");
            }
        }

        Assert.True(seen >= 4);
    }

    [Fact]
    public async Task Lists_say_what_their_parameters_mean_and_how_far_they_go()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var paths = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token)).RootElement.GetProperty("paths");
        var limit = Parameter(paths, "/v1/campaigns", "get", "limit").GetProperty("schema");
        Assert.Equal((1, 1000, 50), (limit.GetProperty("minimum").GetInt32(), limit.GetProperty("maximum").GetInt32(), limit.GetProperty("default").GetInt32()));
        Assert.Equal(["platform", "channel", "funnelStage", "day", "week", "month"],
            Parameter(paths, "/v1/campaigns/metrics", "get", "groupBy").GetProperty("schema").GetProperty("enum").EnumerateArray().Select(w => w.GetString()));
    }

    [Theory]
    [InlineData("target=nope")]
    [InlineData("format=nope")]
    [InlineData("delimiter=nope")]
    [InlineData("map=nope:x")]
    [InlineData("set=nope:x")]
    [InlineData("onConflict=nope")]
    [InlineData("maxRejects=nope")]
    [InlineData("force=nope")]
    public async Task What_the_document_lists_for_imports_is_what_imports_read(string wrong)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var paths = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token)).RootElement.GetProperty("paths");
        var name = wrong[..wrong.IndexOf('=', StringComparison.Ordinal)];
        var schema = Parameter(paths, "/v1/imports", "post", name).GetProperty("schema");
        using var file = new StringContent("campaignId\nc-1\n");
        var target = name == "target" ? "" : "target=campaigns&";
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await server.Client.PostAsync($"/v1/imports?{target}{wrong}", file, Token)).StatusCode);
        foreach (var word in schema.TryGetProperty("enum", out var words) ? words.EnumerateArray() : [])
        {
            using var again = new StringContent(name == "format" && word.GetString() != "csv" ? "[{\"campaignId\":\"c-1\"}]" : "campaignId\nc-1\n");
            var answer = await server.Client.PostAsync($"/v1/imports?{target}{name}={word.GetString()}", again, Token);
            Assert.NotEqual(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("map", "nope:x")]
    [InlineData("set", "nope:x")]
    [InlineData("scale", "nope:2")]
    [InlineData("decrypt", "spend")]
    [InlineData("key", "derive,platform")]
    [InlineData("onConflict", "nope")]
    [InlineData("dateFormat", "nope")]
    [InlineData("batchRows", "0")]
    [InlineData("batchMilliseconds", "0")]
    public async Task What_the_document_lists_for_streams_is_what_streams_read(string name, string wrong)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, configure: b => b.AddIngestion(), map: app => app.MapIngestion());
        var paths = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token)).RootElement.GetProperty("paths");
        Assert.NotEmpty(Parameter(paths, "/v1/streams/{target}", "post", name).GetProperty("description").GetString()!);
        await Expect.ProblemAsync(await server.Client.PostAsync($"/v1/streams/campaigns?{name}={wrong}", "{}", contentType: "application/x-ndjson"), "invalid", 400);
    }

    [Theory]
    [InlineData("Campaign", "additionalData", "object")]
    [InlineData("CampaignDraft", "additionalData", "object")]
    [InlineData("AnalysisDraft", "insights", "array")]
    [InlineData("Analysis", "recommendations", "array")]
    [InlineData("AnalysisDraft", "metrics", "object")]
    [InlineData("ContextDraft", "content", "object")]
    [InlineData("QueryDraft", "sources", "array")]
    public async Task A_property_that_holds_a_JSON_document_has_its_kind_and_an_example(string schema, string property, string kind)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var document = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token)).RootElement;
        var described = document.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("properties").GetProperty(property);
        Assert.Contains(kind, described.GetProperty("type").ToString());
        Assert.Equal(kind, described.GetProperty("examples")[0].ValueKind.ToString().ToLowerInvariant());
    }

    [Fact]
    public async Task The_root_leads_a_browser_to_the_pages()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var client = server.ClientWith(null);
        Assert.Contains("CloudStore API", await client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task The_pages_load_nothing_from_elsewhere()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var client = server.ClientWith(null);
        var page = await client.GetStringAsync("/docs/index.html", Token);
        Assert.Contains("CloudStore API", page);
        Assert.DoesNotContain("src=\"http", page);
        Assert.DoesNotContain("href=\"http", page);
    }

    private static void Check(JsonElement operation, string name)
    {
        Assert.True(operation.TryGetProperty("summary", out _), $"{name} has no summary");
        Assert.True(operation.GetProperty("security").GetArrayLength() == 2, $"{name} names not both key schemes");
        var responses = operation.GetProperty("responses");
        foreach (var status in (string[])["400", "401", "403", "500"])
        {
            Assert.EndsWith("/Problem", responses.GetProperty(status).GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
        }

        foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [])
        {
            Assert.True(parameter.TryGetProperty("description", out _), $"{name} does not say what {parameter.GetProperty("name")} is");
        }

        if (operation.TryGetProperty("requestBody", out var body))
        {
            CheckContents(body.GetProperty("content"), $"{name} request");
        }

        var success = responses.EnumerateObject().First(r => r.Name[0] == '2');
        if (success.Name != "204")
        {
            CheckContents(success.Value.GetProperty("content"), $"{name} response");
        }
    }

    private static JsonElement Parameter(JsonElement paths, string path, string method, string name) =>
        paths.GetProperty(path).GetProperty(method).GetProperty("parameters").EnumerateArray().Single(p => p.GetProperty("name").GetString() == name);

    private static void CheckContents(JsonElement contents, string name)
    {
        foreach (var content in contents.EnumerateObject())
        {
            Assert.True(content.Value.TryGetProperty("schema", out _), $"{name} has no schema");
            Assert.True(content.Value.TryGetProperty("example", out _), $"{name} has no example");
        }
    }
}
