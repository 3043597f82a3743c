using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Access;

public sealed class KeyEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_key_is_made_shown_once_listed_and_works(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var response = await server.Client.PostAsync("/v1/keys", """{"name":"reports","role":"reader","expiresAt":"2999-01-01T00:00:00Z"}""");
        var made = await Expect.JsonAsync(response, 201);
        var id = made.GetProperty("details").GetProperty("id").GetString();
        Assert.Equal($"/v1/keys/{id}", response.Headers.Location?.ToString());
        Assert.Equal("\"1\"", response.Headers.ETag?.Tag);
        var key = made.GetProperty("key").GetString()!;

        var list = await server.Client.GetStringAsync("/v1/keys?count=true&sort=name", Token);
        Assert.DoesNotContain(key.Split('_', 3)[2], list);
        Assert.Equal(2, JsonDocument.Parse(list).RootElement.GetProperty("count").GetInt32());
        var listed = JsonDocument.Parse(list).RootElement.GetProperty("items").EnumerateArray().Single(k => k.GetProperty("id").GetString() == id);
        Assert.Equal("reader", listed.GetProperty("role").GetString());
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("revokedAt").ValueKind);

        using var client = server.ClientWith(key);
        await Expect.ProblemAsync(await client.GetAsync("/v1/keys", Token), "forbidden", 403);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_last_operator_key_cannot_be_revoked_even_by_two_at_once(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await Expect.ProblemAsync(await server.Client.DeleteAsync("/v1/keys/test-operator", Token), "conflict", 409);

        var second = (await server.MakeKeyAsync(Role.Operator)).Split('_')[1];
        // Over HTTP the first revocation could refuse the key that the second is sent with.
        var revoked = await Task.WhenAll(RevokesAsync(server, "test-operator"), RevokesAsync(server, second));
        Assert.Single(revoked, r => r);
    }

    private static async Task<bool> RevokesAsync(ApiServer server, string id)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        try
        {
            await scope.ServiceProvider.GetRequiredService<AccessKeys>().RevokeAsync(id, cancellationToken: Token);
            return true;
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Conflict)
        {
            return false;
        }
    }

    [Fact]
    public async Task Keys_of_another_tenant_are_not_seen_and_only_default_makes_them()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await Expect.JsonAsync(await server.Client.PostAsync("/v1/keys", """{"name":"acme","role":"operator","tenant":"acme"}"""), 201);
        Assert.Equal("acme", made.GetProperty("details").GetProperty("tenant").GetString());
        using var acme = server.ClientWith(made.GetProperty("key").GetString());

        var list = await Expect.JsonAsync(await acme.GetAsync("/v1/keys", Token), 200);
        Assert.Equal("acme", list.GetProperty("items").EnumerateArray().Single().GetProperty("tenant").GetString());
        await Expect.ProblemAsync(await acme.GetAsync("/v1/keys/test-operator", Token), "not-found", 404);
        await Expect.ProblemAsync(await acme.DeleteAsync("/v1/keys/test-operator", Token), "not-found", 404);
        await Expect.ProblemAsync(await acme.PostAsync("/v1/keys", """{"name":"x","role":"reader","tenant":"default"}"""), "forbidden", 403);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/keys", """{"name":"x","role":"reader","tenant":"Acme!"}"""), "invalid", 400, "tenant", "tenant-id");
    }

    [Theory]
    [InlineData("""{"role":"reader"}""", "name", "required")]
    [InlineData("""{"name":"","role":"reader"}""", "name", "length")]
    [InlineData("""{"name":null,"role":"reader"}""", "name", "not-null")]
    [InlineData("""{"name":"x","role":"king"}""", "role", "type")]
    [InlineData("""{"name":"x","role":3}""", "role", "type")]
    [InlineData("""{"name":"x","role":"reader","expiresAt":"2001-01-01T00:00:00Z"}""", "expiresAt", "future")]
    [InlineData("""{"name":"x","role":"reader","expiresAt":"soon"}""", "expiresAt", "type")]
    [InlineData("""{"name":"x","role":"reader","color":"red"}""", "color", "unknown")]
    [InlineData("""{"name":"x","role":"reader","Name":"y"}""", "Name", "unknown")]
    public async Task A_draft_that_breaks_a_rule_is_told_field_and_rule(string body, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/keys", body), "invalid", 400, field, rule);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_page_follows_the_other_by_its_cursor(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        for (int i = 0; i < 4; i++)
        {
            await server.MakeKeyAsync(Role.Reader);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/keys?limit=2&cursor={cursor}", Token), 200);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(k => k.GetProperty("id").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
    }
}
