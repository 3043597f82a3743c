using System.IO.Compression;
using System.Security.Cryptography;
using CloudStore.Api.Tests.Files;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Recordings of several speakers from their upload to the erasure of one of them.</summary>
public sealed class RecordingsShownTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task Real_recordings_are_uploaded_transcribed_listed_played_back_exported_and_erased(Provider provider)
    {
        var recordings = Directory.GetFiles(SharedData.File("voice/digits"), "*.wav").Order(StringComparer.Ordinal)
            .Select(path => (Speaker: Path.GetFileNameWithoutExtension(path).Split('_')[1], Name: Path.GetFileName(path), Content: File.ReadAllBytes(path))).ToList();
        Assert.True(recordings.Count >= 20, $"There are {recordings.Count} recordings.");
        await ShowAsync(provider, recordings);
    }

    [Theory, MemberData(nameof(Both))]
    public Task Recordings_of_our_own_are_too(Provider provider) =>
        ShowAsync(provider, [.. Enumerable.Range(0, 9).Select(i => ($"speaker{i % 3}", $"{i}.wav", Waves.Tone(0.1 + i / 20.0, 8000, 300 + 20 * i)))]);

    private static async Task ShowAsync(Provider provider, List<(string Speaker, string Name, byte[] Content)> recordings)
    {
        await using var server = await VoiceHost.StartAsync(provider);
        var client = server.Client;
        var speakers = recordings.Select(r => r.Speaker).Distinct().ToList();
        foreach (var speaker in speakers)
        {
            await client.UserAsync(speaker, EmailOf(speaker));
        }

        foreach (var (speaker, name, content) in recordings)
        {
            var audio = await client.RecordingAsync(speaker, content, TranscriptOf(speaker, name), name);
            Assert.True(audio.GetProperty("duration").GetDouble() > 0);
            var played = await client.GetByteArrayAsync($"/v1/voice/audio-files/{audio.Id()}/content", Token);
            Assert.Equal(SHA256.HashData(content), SHA256.HashData(played));
        }

        var whom = speakers[0];
        var theirs = recordings.Where(r => r.Speaker == whom).ToList();
        var listed = await client.ItemsAsync($"audio-files?username={whom}&sort=createdAt&limit=1000");
        Assert.Equal(theirs.Select(r => TranscriptOf(whom, r.Name)), listed.Select(a => a.GetProperty("transcript").GetString()));

        var export = await client.DoneAsync("exports", whom);
        using (var zip = new ZipArchive(new MemoryStream(await client.GetByteArrayAsync($"/v1/voice/exports/{export.Id()}/content", Token))))
        {
            foreach (var (_, name, content) in theirs)
            {
                using var bytes = new MemoryStream();
                await (await zip.Entries.Single(e => e.Name == name).OpenAsync(Token)).CopyToAsync(bytes, Token);
                Assert.Equal(content, bytes.ToArray());
            }
        }

        await client.DoneAsync("erasures", whom);
        Assert.Empty(await client.ItemsAsync($"audio-files?username={whom}"));
        Assert.Empty(await client.ItemsAsync($"users?email={EmailOf(whom)}"));
        Assert.Equal(recordings.Count - theirs.Count, FileClient.Contents(server).Length);
        foreach (var text in (string[])[EmailOf(whom), TranscriptOf(whom, theirs[0].Name), "spoken by"])
        {
            Assert.False(await Plaintext.IsAnywhereAsync(server, text), text);
        }

        // The look itself finds what is there in clear.
        Assert.True(await Plaintext.IsAnywhereAsync(server, speakers[1]));
        var other = recordings.First(r => r.Speaker == speakers[1]);
        var file = (await client.ItemsAsync($"audio-files?username={other.Speaker}&sort=createdAt"))[0].GetProperty("fileId").GetGuid();
        Assert.Equal(other.Content, await client.ContentAsync(file));
    }

    private static string EmailOf(string speaker) => $"{speaker}.speaks@example.org";

    private static string TranscriptOf(string speaker, string name) => $"The digit of {name}, spoken by {speaker}";
}
