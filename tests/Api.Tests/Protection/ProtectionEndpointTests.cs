using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Protection;

public sealed class ProtectionEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Keys_are_rotated_in_the_background_listed_and_destroyed(Provider provider)
    {
        await using var server = await StartAsync(provider);
        var response = await server.Client.PostAsync("/v1/protection/keys/rotate", "");
        var rotation = await Expect.JsonAsync(response, 202);
        Assert.Equal("running", rotation.GetProperty("state").GetString());
        var address = response.Headers.Location!.ToString();
        Assert.Equal($"/v1/protection/rotations/{rotation.GetProperty("id").GetString()}", address);
        Assert.Equal(rotation.GetProperty("id").GetString(), (await Expect.JsonAsync(await server.Client.PostAsync("/v1/protection/keys/rotate", ""), 202)).GetProperty("id").GetString());
        await Eventually.Async(async () => (await GetAsync(server, address)).GetProperty("state").GetString() == "succeeded", TimeSpan.FromMinutes(5), "the rotation ends");
        var next = await server.Client.PostAsync("/v1/protection/keys/rotate", "");
        await Expect.JsonAsync(next, 202);
        await Eventually.Async(async () => (await GetAsync(server, next.Headers.Location!.ToString())).GetProperty("state").GetString() == "succeeded", TimeSpan.FromMinutes(5), "the next rotation ends");

        var first = await GetAsync(server, "/v1/protection/keys?limit=1");
        var newest = first.GetProperty("items")[0];
        Assert.Equal((2, "active", "fields"), (newest.GetProperty("version").GetInt32(), newest.GetProperty("state").GetString(), newest.GetProperty("purpose").GetString()));
        var second = await GetAsync(server, $"/v1/protection/keys?limit=1&cursor={Uri.EscapeDataString(first.GetProperty("nextCursor").GetString()!)}");
        var old = second.GetProperty("items")[0];
        Assert.Equal((1, "decryptOnly"), (old.GetProperty("version").GetInt32(), old.GetProperty("state").GetString()));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        Assert.DoesNotContain("wrapped", second.GetRawText(), StringComparison.OrdinalIgnoreCase);

        var path = $"/v1/protection/keys/{old.GetProperty("id").GetString()}";
        await Expect.ProblemAsync(await server.Client.DeleteAsync(path, Token), "invalid", 400, "confirm", "confirmed");
        var active = newest.GetProperty("id").GetString();
        await Expect.ProblemAsync(await server.Client.DeleteAsync($"/v1/protection/keys/{active}?confirm={active}", Token), "conflict", 409);
        var destroyed = await Expect.JsonAsync(await server.Client.DeleteAsync($"{path}?confirm={old.GetProperty("id").GetString()}", Token), 200);
        Assert.Equal("destroyed", destroyed.GetProperty("state").GetString());
        Assert.Equal(KeyAbsence.Destroyed, server.App.Services.GetRequiredService<KeyRing>().Find(old.GetProperty("id").GetGuid()).Absence);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Keys_are_for_operators_and_another_tenants_are_not_there(Provider provider)
    {
        await using var server = await StartAsync(provider);
        var key = server.App.Services.GetRequiredService<KeyRing>().Current("acme", "anna").Id;
        using var writer = server.ClientWith(await server.MakeKeyAsync(Role.Writer));
        await Expect.ProblemAsync(await writer.GetAsync("/v1/protection/keys", Token), "forbidden", 403);
        await Expect.ProblemAsync(await writer.PostAsync("/v1/protection/keys/rotate", ""), "forbidden", 403);
        Assert.Equal(0, (await GetAsync(server, "/v1/protection/keys")).GetProperty("items").GetArrayLength());
        await Expect.ProblemAsync(await server.Client.DeleteAsync($"/v1/protection/keys/{key}?confirm={key}", Token), "not-found", 404);
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/protection/rotations/{key}", Token), "not-found", 404);
        using var acme = server.ClientWith(await server.MakeKeyAsync(Role.Operator, "acme"));
        var theirs = JsonDocument.Parse(await acme.GetStringAsync("/v1/protection/keys?subject=anna", Token)).RootElement.GetProperty("items")[0];
        Assert.Equal((key, "anna"), (theirs.GetProperty("id").GetGuid(), theirs.GetProperty("subject").GetString()));
        Assert.Equal(0, JsonDocument.Parse(await acme.GetStringAsync("/v1/protection/keys?subject=ben", Token)).RootElement.GetProperty("items").GetArrayLength());
    }

    private static Task<ApiServer> StartAsync(Provider provider) => ApiServer.StartAsync(provider, configure: b => b.Services.AddHostedService<RotationWorker>(),
        settings: _ => new Dictionary<string, string?> { ["Protection:KeyCacheSeconds"] = "1" });

    private static async Task<JsonElement> GetAsync(ApiServer server, string path) => JsonDocument.Parse(await server.Client.GetStringAsync(path, Token)).RootElement;
}
