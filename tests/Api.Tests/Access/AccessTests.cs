using System.Net;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Access;

public sealed class AccessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_request_without_a_valid_key_is_told_what_is_wrong(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        using var none = server.ClientWith(null);
        var response = await none.GetAsync("/v1/keys", Token);
        Assert.Contains("No access key", (await Expect.ProblemAsync(response, "unauthenticated", 401)).Detail());
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);

        foreach (var (key, part) in new[]
        {
            ("nonsense", "form"),
            (ApiServer.OperatorKey[..^1], "form"),
            (ApiServer.OperatorKey[..^1] + "A", "not known"),
            (KeyText.Create().Text, "not known"),
        })
        {
            using var client = server.ClientWith(key);
            var refused = await client.GetAsync("/v1/keys", Token);
            Assert.Contains(part, (await Expect.ProblemAsync(refused, "unauthenticated", 401)).Detail());
            Assert.Contains("invalid_token", refused.Headers.WwwAuthenticate.Single().Parameter);
        }

        using var basic = new HttpClient { BaseAddress = server.Address };
        basic.DefaultRequestHeaders.Add("Authorization", "Basic dTpw");
        Assert.Contains("Bearer", (await Expect.ProblemAsync(await basic.GetAsync("/v1/keys", Token), "unauthenticated", 401)).Detail());
    }

    [Fact]
    public async Task The_key_is_taken_from_X_Api_Key_as_well()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("X-Api-Key", ApiServer.OperatorKey);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/keys", Token)).StatusCode);
    }

    [Fact]
    public async Task A_role_that_is_too_low_is_told_both_roles_and_a_silent_endpoint_needs_an_operator()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, map: app =>
        {
            app.MapGet("/v1/silent", () => "for operators");
            app.MapGet("/v1/read", (CallerScope caller) => caller.Required.Tenant).RequireRole(Role.Reader);
            app.MapGroup("/v1/group").RequireRole(Role.Operator).MapGet("/own", () => "its own rule counts").RequireRole(Role.Writer);
        });
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        using var writer = server.ClientWith(await server.MakeKeyAsync(Role.Writer));

        foreach (var path in (string[])["/v1/keys", "/v1/silent"])
        {
            var detail = (await Expect.ProblemAsync(await writer.GetAsync(path, Token), "forbidden", 403)).Detail();
            Assert.Contains("operator", detail);
            Assert.Contains("writer", detail);
        }

        Assert.Equal("default", await reader.GetStringAsync("/v1/read", Token));
        Assert.Equal("for operators", await server.Client.GetStringAsync("/v1/silent", Token));
        Assert.Equal("its own rule counts", await writer.GetStringAsync("/v1/group/own", Token));
        await Expect.ProblemAsync(await reader.GetAsync("/v1/group/own", Token), "forbidden", 403);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task An_expired_key_is_refused_even_while_it_is_cached(Provider provider)
    {
        var time = new ManualTime();
        await using var server = await ApiServer.StartAsync(provider, time: time);
        using var client = server.ClientWith(await server.MakeKeyAsync(Role.Operator, expiresAt: time.GetUtcNow().AddSeconds(10)));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/keys", Token)).StatusCode);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("expired", (await Expect.ProblemAsync(await client.GetAsync("/v1/keys", Token), "unauthenticated", 401)).Detail());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_revoked_key_is_refused_at_once_here_and_within_half_a_minute_elsewhere(Provider provider)
    {
        var time = new ManualTime();
        await using var server = await ApiServer.StartAsync(provider, time: time);
        await using var other = await ApiServer.StartAsync(provider, time: time, sharing: server);
        var key = await server.MakeKeyAsync(Role.Operator);
        using var here = server.ClientWith(key);
        using var there = other.ClientWith(key);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/v1/keys", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/v1/keys", Token)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v1/keys/{key.Split('_')[1]}", Token)).StatusCode);

        Assert.Contains("revoked", (await Expect.ProblemAsync(await here.GetAsync("/v1/keys", Token), "unauthenticated", 401)).Detail());
        time.Advance(TimeSpan.FromSeconds(30));
        await Expect.ProblemAsync(await there.GetAsync("/v1/keys", Token), "unauthenticated", 401);
    }

    [Fact]
    public async Task An_unknown_id_is_asked_for_again_after_five_seconds()
    {
        var time = new ManualTime();
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        await using var other = await ApiServer.StartAsync(Provider.Sqlite, bootstrapKey: "cs_later_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", time: time, sharing: server);
        using var early = server.ClientWith("cs_unborn_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        await Expect.ProblemAsync(await early.GetAsync("/v1/keys", Token), "unauthenticated", 401);
        await using var third = await ApiServer.StartAsync(Provider.Sqlite, bootstrapKey: "cs_unborn_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", time: time, sharing: server);
        await Expect.ProblemAsync(await early.GetAsync("/v1/keys", Token), "unauthenticated", 401);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.OK, (await early.GetAsync("/v1/keys", Token)).StatusCode);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_last_use_is_recorded_behind_the_requests_without_a_new_revision(Provider provider)
    {
        var time = new ManualTime();
        await using var server = await ApiServer.StartAsync(provider, time: time);
        using var client = server.ClientWith(await server.MakeKeyAsync(Role.Operator));
        var id = (await Expect.JsonAsync(await client.GetAsync("/v1/keys", Token), 200)).GetProperty("items")[0].GetProperty("id").GetString()!;
        var first = time.GetUtcNow().UtcDateTime;
        await Eventually.Async(async () => (await ReadAsync(server, id)).LastUsedAt == first, TimeSpan.FromMinutes(1), "the first use to be recorded");

        time.Advance(TimeSpan.FromSeconds(59));
        await client.GetAsync("/v1/keys", Token);
        time.Advance(TimeSpan.FromSeconds(1));
        await client.GetAsync("/v1/keys", Token);
        await Eventually.Async(async () => (await ReadAsync(server, id)).LastUsedAt == first.AddMinutes(1), TimeSpan.FromMinutes(1), "the use a minute later to be recorded");
        Assert.Equal(1, (await ReadAsync(server, id)).Revision);
    }

    private static async Task<AccessKey> ReadAsync(ApiServer server, string id)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AccessKey>().AsNoTracking().SingleAsync(k => k.KeyId == id, Token);
    }
}
