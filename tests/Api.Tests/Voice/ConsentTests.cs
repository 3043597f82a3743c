using CloudStore.Api.Tests.Files;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Voice;

/// <summary>What users allow, and what is refused without it.</summary>
public sealed class ConsentTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task The_last_decision_counts_and_all_of_them_are_kept(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time);
        var client = server.Client;
        await client.CreateAsync("users", new { username = "asha" });
        Assert.False(await AllowedAsync(client, "analytics"));
        await client.ConsentAsync("asha", "analytics");
        Assert.True(await AllowedAsync(client, "analytics"));
        time.Advance(TimeSpan.FromHours(1));
        await client.ConsentAsync("asha", "analytics", "withdrawn");
        Assert.False(await AllowedAsync(client, "analytics"));
        // Reported late: the user decided before they withdrew.
        await client.ConsentAsync("asha", "analytics", decidedAt: "2026-05-01T12:30:00Z");
        Assert.False(await AllowedAsync(client, "analytics"));
        Assert.Equal(3, (await client.ItemsAsync("consents?username=asha&purpose=analytics")).Length);
        Assert.Equal("welcome", Assert.Single(await client.ItemsAsync("consents?decision=withdrawn")).GetProperty("evidence").GetProperty("screen").GetString());
    }

    [Fact]
    public async Task A_consent_to_another_version_than_the_one_in_force_does_not_count()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Voice:ConsentVersions:recording"] = "2026-05" });
        var client = server.Client;
        await client.CreateAsync("users", new { username = "asha" });
        var file = await client.StoreAsync(Waves.Tone(), "?owner=asha");
        await client.ConsentAsync("asha", "recording", version: "2025-01");
        var refused = await Expect.ProblemAsync(await client.SendAsync("audio-files", new { username = "asha", fileId = file.Id() }), "consent-required", 403, "fileId", "consent");
        Assert.Contains("version 2025-01, and version 2026-05 is in force", refused.Detail(), StringComparison.Ordinal);
        await client.ConsentAsync("asha", "recording", version: "2026-05");
        await client.CreateAsync("audio-files", new { username = "asha", fileId = file.Id() });
    }

    [Theory]
    [InlineData("""{"username":"asha","purpose":"recording","version":"1"}""", "decision", "required")]
    [InlineData("""{"username":"asha","decision":"given","version":"1"}""", "purpose", "required")]
    [InlineData("""{"username":"asha","purpose":"recording","decision":"given"}""", "version", "required")]
    [InlineData("""{"username":"nobody","purpose":"recording","decision":"given","version":"1"}""", "username", "known-user")]
    [InlineData("""{"username":"asha","purpose":"recording","decision":"given","version":"1","decidedAt":"2999-01-01"}""", "decidedAt", "not-in-the-future")]
    [InlineData("""{"username":"asha","purpose":"recording","decision":"given","version":"1","evidence":[1]}""", "evidence", "type")]
    public async Task What_breaks_a_rule_is_refused_by_its_field(string body, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await server.Client.CreateAsync("users", new { username = "asha" });
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/voice/consents", body), "invalid", 400, field, rule);
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/voice/consents/current?username=asha", Token), "invalid", 400, "purpose", "required");
    }

    [Theory]
    [InlineData("Voice:ConsentVersions:recordings", "1", "Voice:ConsentVersions:recordings names no purpose")]
    [InlineData("Voice:Retention:MinDays", "0", "Voice:Retention:MinDays must be from 1")]
    [InlineData("Voice:Tenants:acme:MaxDays", "-5", "Voice:Tenants:acme:MaxDays must be from 1")]
    [InlineData("Files:Tenants:acme:Region", "IN", "Files:Tenants:acme:Region names 'IN'")]
    [InlineData("PersonJobs:LeaseSeconds", "0", "LeaseSeconds")]
    public async Task Wrong_settings_stop_the_start_and_are_named(string name, string value, string message)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { [name] = value }));
        Assert.Contains(message, failure.ToString(), StringComparison.Ordinal);
    }

    private static async Task<bool> AllowedAsync(HttpClient client, string purpose) => (await client.ReadAsync($"consents/current?username=asha&purpose={purpose}")).GetProperty("allowed").GetBoolean();
}
