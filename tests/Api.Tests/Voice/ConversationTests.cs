using System.Text;
using CloudStore.Api.Tests.Files;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Sessions and their turns.</summary>
public sealed class ConversationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task Turns_follow_one_another_until_the_session_is_over(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var client = server.Client;
        await client.UserAsync("asha");
        var session = await client.CreateAsync("sessions", new { username = "asha", language = "hi-IN", context = new { topic = "weather" } });
        Assert.Equal(("active", 0), (session.GetProperty("state").GetString(), session.GetProperty("turns").GetInt32()));
        var audio = await client.RecordingAsync("asha", Waves.Tone());
        await client.CreateAsync("turns", new { sessionId = session.Id(), text = "Kal mausam kaisa rahega?", intent = "weather", audioFileId = audio.Id() });
        // At the same time: each gets a number of its own.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.CreateAsync("turns", new { sessionId = session.Id(), role = "assistant", text = $"Answer {i}" })));

        var turns = await client.ItemsAsync($"turns?sessionId={session.Id()}&sort=number");
        Assert.Equal(Enumerable.Range(1, 9), turns.Select(t => t.GetProperty("number").GetInt32()));
        Assert.Equal(("asha", "user", "Kal mausam kaisa rahega?"), (turns[0].GetProperty("username").GetString(), turns[0].GetProperty("role").GetString(), turns[0].GetProperty("text").GetString()));
        Assert.Equal(8, (await client.ItemsAsync("turns?role=assistant&username=asha")).Length);
        Assert.Single(await client.ItemsAsync("turns?intent=weather"));

        var path = $"/v1/voice/sessions/{session.Id()}";
        var ended = await Expect.JsonAsync(await PatchAsync(client, path, """{"state":"completed"}"""), 200);
        Assert.Equal(9, ended.GetProperty("turns").GetInt32());
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, ended.GetProperty("endedAt").ValueKind);
        await Expect.ProblemAsync(await client.SendAsync("turns", new { sessionId = session.Id(), text = "more" }), "conflict", 409);
        var again = await Expect.JsonAsync(await PatchAsync(client, path, """{"state":"waiting"}"""), 200);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, again.GetProperty("endedAt").ValueKind);
        Assert.Equal(10, (await client.CreateAsync("turns", new { sessionId = session.Id(), text = "more" })).GetProperty("number").GetInt32());
        Assert.Single(await client.ItemsAsync("sessions?username=asha&state=waiting&language=hi-IN"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_said_is_refused_without_the_consent_and_kept_encrypted_with_it(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var client = server.Client;
        await client.CreateAsync("users", new { username = "asha" });
        var session = await client.CreateAsync("sessions", new { username = "asha" });
        await Expect.ProblemAsync(await client.SendAsync("sessions", new { username = "asha", context = new { a = 1 } }), "consent-required", 403, "context", "consent");
        await Expect.ProblemAsync(await client.SendAsync("turns", new { sessionId = session.Id(), text = "secret" }), "consent-required", 403, "text", "consent");
        await client.ConsentAsync("asha", "conversation");
        var turn = await client.CreateAsync("turns", new { sessionId = session.Id(), text = "the blue heron" });
        await client.ConsentAsync("asha", "conversation", "withdrawn");
        await Expect.ProblemAsync(await PatchAsync(client, $"/v1/voice/turns/{turn.Id()}", """{"text":"another"}"""), "consent-required", 403);
        await Expect.JsonAsync(await PatchAsync(client, $"/v1/voice/turns/{turn.Id()}", """{"intent":"birds"}"""), 200);
        Assert.False(await Plaintext.IsAnywhereAsync(server, "the blue heron"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_does_not_belong_together_is_refused_by_its_field(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var client = server.Client;
        await client.UserAsync("asha");
        await client.UserAsync("ravi");
        var session = await client.CreateAsync("sessions", new { username = "asha" });
        var his = await client.RecordingAsync("ravi", Waves.Tone());
        await Expect.ProblemAsync(await client.SendAsync("turns", new { text = "x" }), "invalid", 400, "sessionId", "required");
        await Expect.ProblemAsync(await client.SendAsync("turns", new { sessionId = Guid.CreateVersion7(), text = "x" }), "invalid", 400, "sessionId", "known-session");
        await Expect.ProblemAsync(await client.SendAsync("turns", new { sessionId = session.Id() }), "invalid", 400, "text", "required");
        await Expect.ProblemAsync(await client.SendAsync("turns", new { sessionId = session.Id(), text = new string('x', 32_001) }), "invalid", 400, "text", "max-length");
        await Expect.ProblemAsync(await client.SendAsync("turns", new { sessionId = session.Id(), text = "x", audioFileId = his.Id() }), "invalid", 400, "audioFileId", "known-audio-file");
        await Expect.ProblemAsync(await client.SendAsync("sessions", new { username = "asha", endedAt = "2026-01-01" }), "invalid", 400, "endedAt", "after-start");
        await Expect.ProblemAsync(await client.SendAsync("sessions", new { username = "asha", startedAt = "2025-01-01", endedAt = "2026-01-01" }), "invalid", 400, "endedAt", "over");
        await Expect.ProblemAsync(await PatchAsync(client, $"/v1/voice/sessions/{session.Id()}", """{"username":"ravi"}"""), "invalid", 400, "username", "immutable");
    }

    private static Task<HttpResponseMessage> PatchAsync(HttpClient client, string path, string json) =>
        client.PatchAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), Token);
}
