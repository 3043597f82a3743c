using CloudStore.Api.Tests.Files;
using CloudStore.Api.Tests.Imports;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Metrics one by one, and files of metrics and users.</summary>
public sealed class MetricTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task Metrics_are_created_listed_and_loaded_from_files(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var made = await host.Client.CreateAsync("metrics", new { name = "asr.latency", value = 412.5, unit = "ms", labels = new { model = "asr-3" }, at = "2026-05-01T10:00:00Z" });
        Assert.Equal("""{"model":"asr-3"}""", made.GetProperty("labels").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        await Expect.ProblemAsync(await host.Client.SendAsync("metrics", new { name = "x" }), "invalid", 400, "value", "required");
        await Expect.ProblemAsync(await host.Client.SendAsync("metrics", new { value = 1 }), "invalid", 400, "name", "required");

        var job = await host.LoadAsync("metric,value,timestamp,units,host\nasr.latency,398,2026-05-01T11:00:00Z,ms,a\nasr.errors,3,2026-05-02,,a\ntts.latency,x,2026-05-02,,b\n", "target=voice.metrics");
        Assert.Equal((3, 2, 0, 0, 1), ImportHost.Counts(job));
        var list = await host.Client.ItemsAsync("metrics?name=asr.latency&sort=at&from=2026-05-01&to=2026-05-01");
        Assert.Equal([412.5m, 398m], list.Select(m => m.GetProperty("value").GetDecimal()));
        Assert.Equal("a", list[1].GetProperty("labels").GetProperty("host").GetString());
        Assert.Contains("asr.errors", await host.Client.GetStringAsync("/v1/exports/voice.metrics?name=asr.errors", Token), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Users_are_loaded_from_files_encrypted_and_found_by_email(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        const string First = "User ID,E-mail,Mobile No,Language,Roles,Status\nasha,asha@example.org,+91 98765 43210,hi-IN,\"speaker,admin\",active\nravi,nobody,,,,\nmira,mira@example.org,,xx_YY,,\nolga,,,,,asleep\numa,uma@example.org,,,,suspended\n";
        var job = await host.LoadAsync(First, "target=voice.users");
        Assert.Equal((5, 2, 0, 0, 3), ImportHost.Counts(job));
        var rejects = await host.RejectsAsync(job);
        Assert.Contains("email must be an address", rejects, StringComparison.Ordinal);
        Assert.Contains("language tag", rejects, StringComparison.Ordinal);
        Assert.Contains("status is one of", rejects, StringComparison.Ordinal);
        var found = Assert.Single(await host.Client.ItemsAsync("users?email=ASHA@example.org"));
        Assert.Equal(("asha", "+91 98765 43210"), (found.GetProperty("username").GetString(), found.GetProperty("phone").GetString()));
        Assert.Equal(["admin", "speaker"], found.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));

        // Again, with another email: the user is the same, and the old email finds nobody.
        var again = await host.LoadAsync("username,email\nasha,asha@example.net\n", "target=voice.users");
        Assert.Equal((1, 0, 1, 0, 0), ImportHost.Counts(again));
        Assert.Empty(await host.Client.ItemsAsync("users?email=asha@example.org"));
        var changed = Assert.Single(await host.Client.ItemsAsync("users?email=asha@example.net"));
        Assert.Equal(found.Id(), changed.Id());
        Assert.Contains("asha@example.net", await host.Client.GetStringAsync("/v1/exports/voice.users?username=asha", Token), StringComparison.Ordinal);
        Assert.False(await Plaintext.IsAnywhereAsync(host.Server, "uma@example.org"));
    }
}
