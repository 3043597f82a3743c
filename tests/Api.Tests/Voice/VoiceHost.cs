using System.Text.Json;
using CloudStore.Api.Tests.Files;
using CloudStore.Ingestion;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace CloudStore.Api.Tests.Voice;

/// <summary>What tests of the voice area do most.</summary>
internal static class VoiceHost
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A server that runs jobs as well.</summary>
    public static Task<ApiServer> StartAsync(Provider provider, TimeProvider? time = null, params (string Name, string Value)[] settings) =>
        ApiServer.StartAsync(provider, time: time, configure: b => Configure(b, settings), map: app => app.MapIngestion());

    public static async Task<JsonElement> CreateAsync(this HttpClient client, string what, object body) =>
        await Expect.JsonAsync(await client.SendAsync(what, body), 201);

    public static Task<HttpResponseMessage> SendAsync(this HttpClient client, string what, object body) =>
        client.PostAsync($"/v1/voice/{what}", JsonSerializer.Serialize(body, JsonSerializerOptions.Web));

    public static async Task<JsonElement> ReadAsync(this HttpClient client, string path) => await Expect.JsonAsync(await client.GetAsync($"/v1/voice/{path}", Token), 200);

    public static async Task<JsonElement[]> ItemsAsync(this HttpClient client, string path) => [.. (await client.ReadAsync(path)).GetProperty("items").EnumerateArray()];

    /// <summary>A user who has consented to what the service itself does.</summary>
    public static async Task<JsonElement> UserAsync(this HttpClient client, string username, string? email = null, string? phone = null)
    {
        var user = await client.CreateAsync("users", new { username, email, phone, locale = "hi-IN" });
        foreach (var purpose in (string[])["recording", "transcription", "conversation", "personalization"])
        {
            await client.ConsentAsync(username, purpose);
        }

        return user;
    }

    public static Task<JsonElement> ConsentAsync(this HttpClient client, string username, string purpose, string decision = "given", string version = "1", string? decidedAt = null) =>
        client.CreateAsync("consents", new { username, purpose, decision, version, decidedAt, evidence = new { screen = "welcome" } });

    /// <summary>A recording of a user, stored and described.</summary>
    public static async Task<JsonElement> RecordingAsync(this HttpClient client, string username, byte[] content, string? transcript = null, string name = "a.wav")
    {
        var file = await client.StoreAsync(content, $"?owner={username}&name={name}");
        return await client.CreateAsync("audio-files", new { username, fileId = file.Id(), transcript });
    }

    /// <summary>Waits until a job is over, and gives it.</summary>
    public static async Task<JsonElement> EndAsync(this HttpClient client, string what, Guid id)
    {
        JsonElement job = default;
        await Eventually.Async(async () =>
        {
            job = await client.ReadAsync($"{what}/{id}");
            return job.GetProperty("status").GetString() is "succeeded" or "failed";
        }, Patience, $"the job {id} to end");
        return job;
    }

    /// <summary>Asks for a job and waits until it has succeeded.</summary>
    public static async Task<JsonElement> DoneAsync(this HttpClient client, string what, string username)
    {
        var asked = await Expect.JsonAsync(await client.SendAsync(what, new { username }), 202);
        var job = await client.EndAsync(what, asked.Id());
        Assert.True(job.GetProperty("status").GetString() == "succeeded", job.ToString());
        return job;
    }

    private static void Configure(WebApplicationBuilder builder, (string Name, string Value)[] settings)
    {
        builder.Configuration.AddInMemoryCollection([new("PersonJobs:PollMilliseconds", "50")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value)));
        builder.AddIngestion();
    }
}
