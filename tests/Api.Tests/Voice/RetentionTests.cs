using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Files;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Voice;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Voice;

/// <summary>How long what users say is kept.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_user_said_goes_after_the_days_they_have_chosen_and_that_of_others_stays(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time);
        var client = server.Client;
        foreach (var (name, days) in ((string, int?)[])[("asha", 10), ("ravi", 30), ("uma", null)])
        {
            await client.UserAsync(name);
            await client.CreateAsync("profiles", new { username = name, retentionDays = days });
            await SpeakAsync(client, name);
        }

        time.Advance(TimeSpan.FromDays(11));
        await SpeakAsync(client, "asha");
        await RoundAsync(server);
        Assert.Equal((1, 1, 1, 1), await CountAsync(client, "asha"));
        Assert.Equal((1, 1, 1, 1), await CountAsync(client, "ravi"));
        time.Advance(TimeSpan.FromDays(20));
        await RoundAsync(server);
        Assert.Equal((0, 0, 0, 0), await CountAsync(client, "asha"));
        Assert.Equal((0, 0, 0, 0), await CountAsync(client, "ravi"));
        Assert.Equal((1, 1, 1, 1), await CountAsync(client, "uma"));
        // Of what is kept of the user themself, nothing went.
        Assert.Equal(3, (await client.ItemsAsync("users")).Length);
        Assert.Single(FileClient.Contents(server));
        Assert.False(Directory.Exists(Path.Combine(server.DataFolder, "archive", "voice_turns")));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_tenants_bounds_hold_for_who_chose_before_them_and_for_who_did_not_choose(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time);
        await server.Client.UserAsync("asha");
        await server.Client.CreateAsync("profiles", new { username = "asha", retentionDays = 3650 });
        await server.Client.UserAsync("uma");
        foreach (var name in (string[])["asha", "uma"])
        {
            await SpeakAsync(server.Client, name);
        }

        await using var bound = await ApiServer.StartAsync(provider, time: time, sharing: server,
            settings: _ => new() { ["Voice:Tenants:default:MinDays"] = "20", ["Voice:Tenants:default:MaxDays"] = "60", ["Voice:Tenants:default:DefaultDays"] = "25" });
        await Expect.ProblemAsync(await bound.Client.SendAsync("profiles", new { username = "uma", retentionDays = 5 }), "invalid", 400, "retentionDays", "range");
        time.Advance(TimeSpan.FromDays(26));
        await RoundAsync(bound);
        Assert.Equal((0, 0, 0, 0), await CountAsync(bound.Client, "uma"));
        Assert.Equal((1, 1, 1, 1), await CountAsync(bound.Client, "asha"));
        time.Advance(TimeSpan.FromDays(35));
        await RoundAsync(bound);
        Assert.Equal((0, 0, 0, 0), await CountAsync(bound.Client, "asha"));
    }

    [Fact]
    public async Task A_legal_hold_keeps_what_a_user_does_not_want_kept()
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        await server.Client.UserAsync("asha");
        await server.Client.CreateAsync("profiles", new { username = "asha", retentionDays = 1 });
        await SpeakAsync(server.Client, "asha");
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/legal-holds", """{"reason":"case 1","subject":"asha"}"""), 201);
        time.Advance(TimeSpan.FromDays(3));
        await RoundAsync(server);
        Assert.Equal((1, 1, 1, 1), await CountAsync(server.Client, "asha"));
    }

    [Theory]
    [InlineData(null, null, null, null, null)]
    [InlineData(5, null, null, null, 5)]
    [InlineData(5, 10, null, null, 10)]
    [InlineData(50, 10, 20, null, 20)]
    [InlineData(null, 10, 20, null, 20)]
    [InlineData(null, 10, 20, 15, 15)]
    [InlineData(null, 10, null, null, null)]
    public void Days_are_what_was_chosen_within_the_bounds(int? chosen, int? least, int? most, int? standard, int? days) =>
        Assert.Equal(days, new RetentionBounds { MinDays = least, MaxDays = most, DefaultDays = standard }.DaysOf(chosen));

    private static async Task SpeakAsync(HttpClient client, string username)
    {
        var session = await client.CreateAsync("sessions", new { username });
        var audio = await client.RecordingAsync(username, Waves.Tone());
        await client.CreateAsync("turns", new { sessionId = session.Id(), text = "hello", audioFileId = audio.Id() });
    }

    private static async Task<(int Sessions, int Turns, int Audio, int Files)> CountAsync(HttpClient client, string username) =>
    (
        (await client.ItemsAsync($"sessions?username={username}")).Length,
        (await client.ItemsAsync($"turns?username={username}")).Length,
        (await client.ItemsAsync($"audio-files?username={username}")).Length,
        (await Expect.JsonAsync(await client.GetAsync($"/v1/files?owner={username}", Token), 200)).GetProperty("items").GetArrayLength());

    // What the keeper does every hour.
    private static async Task RoundAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PersonalRetention>().RunAsync(Token);
        await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(Token);
    }
}
