using System.Text.Json;
using System.Text.RegularExpressions;
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
            var path = Regex.Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{([^:}]+)[^}]*}", "{$1}");
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

    private static void CheckContents(JsonElement contents, string name)
    {
        foreach (var content in contents.EnumerateObject())
        {
            Assert.True(content.Value.TryGetProperty("schema", out _), $"{name} has no schema");
            Assert.True(content.Value.TryGetProperty("example", out _), $"{name} has no example");
        }
    }
}
