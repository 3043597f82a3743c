using System.Net;
using CloudStore.Api.Keys;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Tests.Access;

public sealed class BootstrapTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_first_start_makes_a_key_prints_it_once_and_keeps_it_for_its_owner_alone(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, bootstrapKey: null);
        var path = Path.Combine(server.DataFolder, "access-key");
        var key = (await File.ReadAllTextAsync(path, Token)).Trim();
        Assert.Contains($"curl -H \"Authorization: Bearer {key}\" {server.Address}v1/campaigns\n", server.StartOutput);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        using var client = server.ClientWith(key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/keys", Token)).StatusCode);

        await using var again = await ApiServer.StartAsync(provider, bootstrapKey: null, sharing: server);
        Assert.Equal("", again.StartOutput);
        Assert.Equal(key, (await File.ReadAllTextAsync(path, Token)).Trim());
    }

    [Theory]
    [InlineData("http://localhost:5080", "http://localhost:5080")]
    [InlineData("http://[::]:8080", "http://localhost:8080")]
    [InlineData("http://0.0.0.0:8080", "http://localhost:8080")]
    [InlineData("http://*:80", "http://localhost:80")]
    [InlineData("https://[::1]:5001", "https://[::1]:5001")]
    [InlineData("http://store.example:8080/base", "http://store.example:8080/base")]
    [InlineData("http://unix:/run/store.sock", null)]
    public void The_call_that_the_first_start_shows_goes_to_where_the_server_listens(string listens, string? shown) =>
        Assert.Equal(shown, FirstCall.Address([listens]));

    [Fact]
    public async Task A_key_of_the_setting_is_neither_printed_nor_saved_and_is_added_later_as_well()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        Assert.Equal("", server.StartOutput);
        Assert.False(File.Exists(Path.Combine(server.DataFolder, "access-key")));

        const string later = "cs_set-later_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        await using var second = await ApiServer.StartAsync(Provider.Sqlite, bootstrapKey: later, sharing: server);
        using var client = second.ClientWith(later);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/keys", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await second.Client.GetAsync("/v1/keys", Token)).StatusCode);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("cs_abcd_short")]
    [InlineData("cs_a_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    public async Task A_setting_without_the_form_of_a_key_stops_the_start_and_is_named(string setting)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ApiServer.StartAsync(Provider.Sqlite, bootstrapKey: setting));
        Assert.Contains("Access:BootstrapKey", refused.Message);
        Assert.DoesNotContain("AAECAwQ", refused.Message);
    }

    [Fact]
    public async Task A_setting_with_the_id_of_another_key_stops_the_start_and_is_named()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            ApiServer.StartAsync(Provider.Sqlite, bootstrapKey: ApiServer.OperatorKey[..^2] + "AA", sharing: server));
        Assert.Contains("Access:BootstrapKey", refused.Message);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Several_processes_at_once_make_one_key(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, bootstrapKey: null);
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AccessKey>().IgnoreQueryFilters().ExecuteDeleteAsync(Token);
        }

        var outputs = Enumerable.Range(0, 4).Select(_ => new StringWriter()).ToList();
        await Task.WhenAll(outputs.Select(o => server.App.Services.GetRequiredService<AccessBootstrap>().RunAsync(o, Token)));

        Assert.Single(outputs, o => o.ToString().Contains("cs_", StringComparison.Ordinal));
    }
}
