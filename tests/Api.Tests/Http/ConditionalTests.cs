using System.Net;
using System.Text;
using CloudStore.Api.Http;
using CloudStore.Storage.Access;
using Microsoft.AspNetCore.Builder;

namespace CloudStore.Api.Tests.Http;

public sealed class ConditionalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"2\"", 412)]
    [InlineData("W/\"1\"", 412)]
    [InlineData("1", 400)]
    [InlineData("\"7\", \"1\"", 204)]
    [InlineData("*", 204)]
    public async Task If_Match_guards_a_change(string ifMatch, int status)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var id = (await server.MakeKeyAsync(Role.Reader)).Split('_')[1];
        var request = new HttpRequestMessage(HttpMethod.Delete, $"/v1/keys/{id}");
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        var response = await server.Client.SendAsync(request, Token);
        Assert.Equal(status, (int)response.StatusCode);
        if (status >= 400)
        {
            await Expect.ProblemAsync(response, status == 412 ? "stale" : "malformed", status);
        }
    }

    [Fact]
    public async Task What_the_caller_has_is_not_sent_again()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var first = await server.Client.GetAsync("/v1/keys/test-operator", Token);
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/keys/test-operator");
        request.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.ToString());
        var second = await server.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("""{"name":"new"}""", """{"name":"new","role":"reader","expiresAt":"2030-01-01T00:00:00+00:00","tenant":null}""")]
    [InlineData("""{"expiresAt":null,"role":"writer"}""", """{"name":"old","role":"writer","expiresAt":null,"tenant":null}""")]
    [InlineData("""{}""", """{"name":"old","role":"reader","expiresAt":"2030-01-01T00:00:00+00:00","tenant":null}""")]
    public async Task A_merge_patch_changes_the_fields_it_names(string patch, string expected)
    {
        await using var server = await StartPatchAsync();
        var response = await PatchAsync(server, patch, "application/merge-patch+json");
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task A_merge_patch_that_breaks_a_rule_names_the_field()
    {
        await using var server = await StartPatchAsync();
        await Expect.ProblemAsync(await PatchAsync(server, """{"color":1}""", "application/json"), "invalid", 400, "color", "unknown");
        await Expect.ProblemAsync(await PatchAsync(server, """{"role":"king"}""", "application/json"), "invalid", 400, "role", "type");
        await Expect.ProblemAsync(await PatchAsync(server, """{"name":null}""", "application/json"), "invalid", 400, "name", "not-null");
        await Expect.ProblemAsync(await PatchAsync(server, "[1]", "application/json"), "malformed", 400, "body", "object");
        await Expect.ProblemAsync(await PatchAsync(server, "{", "application/json"), "malformed", 400);
        await Expect.ProblemAsync(await PatchAsync(server, "{}", "text/csv"), "unsupported-media", 415);
    }

    private static Task<ApiServer> StartPatchAsync() => ApiServer.StartAsync(Provider.Sqlite, map: app =>
        app.MapPatch("/v1/draft", (MergePatch<KeyDraft> patch) => patch.ApplyTo(new KeyDraft("old", Role.Reader, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))))
            .RequireRole(Role.Writer));

    private static Task<HttpResponseMessage> PatchAsync(ApiServer server, string json, string type) =>
        server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "/v1/draft") { Content = new StringContent(json, Encoding.UTF8, type) }, Token);
}
