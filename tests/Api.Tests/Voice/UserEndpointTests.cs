using System.Net;
using System.Text;
using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Users and their profiles, over HTTP.</summary>
public sealed class UserEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task A_user_is_created_read_patched_replaced_and_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var client = server.Client;
        var made = await client.CreateAsync("users", new { username = "asha", email = "Asha@Example.org", phone = "+91 98765 43210", locale = "hi-IN", roles = new[] { "speaker", "admin" } });
        Assert.Equal(("asha", "Asha@Example.org", "active", 1), (made.GetProperty("username").GetString(), made.GetProperty("email").GetString(), made.GetProperty("status").GetString(), made.GetProperty("revision").GetInt32()));
        Assert.Equal(["admin", "speaker"], made.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.False(made.TryGetProperty("contact", out _));
        await Expect.ProblemAsync(await client.SendAsync("users", new { username = "asha" }), "conflict", 409, "username", "unique");

        var path = $"/v1/voice/users/{made.Id()}";
        using var read = await client.GetAsync(path, Token);
        Assert.Equal("\"1\"", read.Headers.ETag?.Tag);
        var patched = await Expect.JsonAsync(await PatchAsync(client, path, """{"status":"suspended","phone":null}""", "\"1\""), 200);
        Assert.Equal(("suspended", "Asha@Example.org", 2), (patched.GetProperty("status").GetString(), patched.GetProperty("email").GetString(), patched.GetProperty("revision").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, patched.GetProperty("phone").ValueKind);
        await Expect.ProblemAsync(await PatchAsync(client, path, """{"status":"active"}""", "\"1\""), "stale", 412);
        await Expect.ProblemAsync(await PatchAsync(client, path, """{"username":"usha"}"""), "invalid", 400, "username", "immutable");

        using var put = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent("""{"username":"asha"}""", Encoding.UTF8, "application/json") };
        var replaced = await Expect.JsonAsync(await client.SendAsync(put, Token), 200);
        Assert.Equal(("active", 0), (replaced.GetProperty("status").GetString(), replaced.GetProperty("roles").GetArrayLength()));
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{path}?reason=left", Token)).StatusCode);
        await Expect.ProblemAsync(await client.GetAsync(path, Token), "not-found", 404);
        await client.CreateAsync("users", new { username = "asha" });
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Users_are_found_by_their_email_in_any_case_and_the_database_has_neither_email_nor_phone(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        for (int i = 0; i < 5; i++)
        {
            await server.Client.CreateAsync("users", new { username = $"u-{i}", email = $"person{i}@example.org", phone = $"+91 98765 0000{i}", locale = i % 2 == 0 ? "hi-IN" : "en-IN", roles = i == 3 ? new[] { "admin" } : [] });
        }

        Assert.Equal("u-3", Assert.Single(await server.Client.ItemsAsync("users?email=PERSON3@example.org")).GetProperty("username").GetString());
        Assert.Empty(await server.Client.ItemsAsync("users?email=person"));
        Assert.Equal("u-3", Assert.Single(await server.Client.ItemsAsync("users?role=admin")).GetProperty("username").GetString());
        Assert.Equal(2, (await server.Client.ItemsAsync("users?locale=en-IN&status=active")).Length);
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/voice/users?status=asleep", Token), "invalid", 400, "status", "known-value");
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/voice/users?mail=x", Token), "invalid", 400, "mail", "unknown");

        var first = await server.Client.ReadAsync("users?sort=username&limit=2&count=true");
        Assert.Equal(5, first.GetProperty("count").GetInt32());
        var second = await server.Client.ItemsAsync($"users?sort=username&limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        Assert.Equal(["u-2", "u-3"], second.Select(u => u.GetProperty("username").GetString()));

        await using var scope = server.App.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var rows = await context.Database.SqlQueryRaw<byte[]>("SELECT contact AS \"Value\" FROM voice_users").ToListAsync(Token);
        Assert.Equal(5, rows.Count);
        Assert.All(rows, r => Assert.DoesNotContain("person", Encoding.Latin1.GetString(r), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{}""", "username", "required")]
    [InlineData("""{"username":" a"}""", "username", "no-spaces-around")]
    [InlineData("""{"username":"a\u0000"}""", "username", "no-control-characters")]
    [InlineData("""{"username":"a","email":"nobody"}""", "email", "email")]
    [InlineData("""{"username":"a","email":"a b@example.org"}""", "email", "email")]
    [InlineData("""{"username":"a","phone":"12"}""", "phone", "phone")]
    [InlineData("""{"username":"a","phone":"+49 30 x"}""", "phone", "phone")]
    [InlineData("""{"username":"a","locale":"hi_IN"}""", "locale", "language-tag")]
    [InlineData("""{"username":"a","roles":[""]}""", "roles", "required")]
    public async Task What_breaks_a_rule_is_refused_by_its_field(string body, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/voice/users", body), "invalid", 400, field, rule);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_profile_is_one_for_each_user_and_what_is_personal_in_it_needs_leave(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var client = server.Client;
        await Expect.ProblemAsync(await client.SendAsync("profiles", new { username = "asha" }), "invalid", 400, "username", "known-user");
        await client.CreateAsync("users", new { username = "asha" });
        var refused = await Expect.ProblemAsync(await client.SendAsync("profiles", new { username = "asha", accent = "Awadhi" }), "consent-required", 403, "accent", "consent");
        Assert.Equal("This needs the consent 'personalization' of the user 'asha', who has not been asked.", refused.Detail());
        var made = await client.CreateAsync("profiles", new { username = "asha", language = "hi", privacySettings = new { share = false } });
        await Expect.ProblemAsync(await client.SendAsync("profiles", new { username = "asha" }), "conflict", 409, "username", "unique");
        var path = $"/v1/voice/profiles/{made.Id()}";
        await Expect.ProblemAsync(await PatchAsync(client, path, """{"preferences":{"speed":1}}"""), "consent-required", 403, "preferences", "consent");
        await client.ConsentAsync("asha", "personalization");
        var patched = await Expect.JsonAsync(await PatchAsync(client, path, """{"preferences":{"speed":1.25},"accent":"Awadhi"}"""), 200);
        Assert.Equal("""{"speed":1.25}""", patched.GetProperty("preferences").GetRawText());
        await client.ConsentAsync("asha", "personalization", "withdrawn");
        await Expect.ProblemAsync(await PatchAsync(client, path, """{"accent":"Braj"}"""), "consent-required", 403);
        await Expect.JsonAsync(await PatchAsync(client, path, """{"language":"hi-IN"}"""), 200);
        Assert.Equal("hi-IN", Assert.Single(await client.ItemsAsync("profiles?username=asha&language=hi-IN")).GetProperty("language").GetString());
    }

    [Fact]
    public async Task Another_tenants_users_are_not_there_and_roles_are_kept_to()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var id = (await server.Client.CreateAsync("users", new { username = "asha", email = "a@example.org" })).Id();
        using var acme = server.ClientWith(await server.MakeKeyAsync(Role.Operator, "acme"));
        await Expect.ProblemAsync(await acme.GetAsync($"/v1/voice/users/{id}", Token), "not-found", 404);
        Assert.Empty(await acme.ItemsAsync("users?email=a@example.org"));
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        await Expect.ProblemAsync(await reader.SendAsync("users", new { username = "b" }), "forbidden", 403);
        using var writer = server.ClientWith(await server.MakeKeyAsync(Role.Writer));
        await Expect.ProblemAsync(await writer.SendAsync("erasures", new { username = "asha" }), "forbidden", 403);
        await Expect.ProblemAsync(await writer.SendAsync("exports", new { username = "asha" }), "forbidden", 403);
    }

    private static Task<HttpResponseMessage> PatchAsync(HttpClient client, string path, string json, string? match = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (match is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", match);
        }

        return client.SendAsync(request, Token);
    }
}
