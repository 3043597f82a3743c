using System.Diagnostics;
using System.Security.Cryptography;
using CloudStore.Storage.Files;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Files;

/// <summary>Real recordings, and what operators see of them at the command line.</summary>
public sealed class RecordingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recordings_are_stored_described_and_played_back_byte_for_byte()
    {
        var recordings = Directory.GetFiles(SharedData.File("voice/digits"), "*.wav").Order(StringComparer.Ordinal).ToList();
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        long bytes = 0, stored = 0;
        foreach (var path in recordings)
        {
            var content = await File.ReadAllBytesAsync(path, Token);
            var owner = Path.GetFileNameWithoutExtension(path).Split('_')[1];
            var made = await server.Client.StoreAsync(content, $"?name={Path.GetFileName(path)}&owner={owner}&tags=digits");
            Assert.Equal(("audio/wav", Convert.ToHexStringLower(SHA256.HashData(content))), (made.GetProperty("type").GetString(), made.GetProperty("sha256").GetString()));
            // 8 kHz, mono, 16 bits, behind a header of 44 bytes.
            Assert.Equal((content.Length - 44) / 16_000.0, made.GetProperty("duration").GetDouble(), 0.01);
            Assert.Equal(content, await server.Client.ContentAsync(made.Id()));
            bytes += content.Length;
            stored += made.GetProperty("storedSize").GetInt64();
        }

        var stats = await Expect.JsonAsync(await server.Client.GetAsync("/v1/files/stats", Token), 200);
        Assert.Equal((recordings.Count, bytes), (stats.GetProperty("total").GetProperty("files").GetInt32(), stats.GetProperty("total").GetProperty("bytes").GetInt64()));
        Assert.True(stored < bytes, $"{bytes} bytes of recordings take {stored}");
    }

    [Fact]
    public async Task The_command_line_prints_what_the_script_needs_and_what_compression_would_save()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var content = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a line of text\n", 20_000)));
        var packed = (await server.Client.StoreAsync(content, "?name=text&compress=zlib")).Id();
        var path = FileClient.Contents(server).Single();
        await server.Client.StoreAsync(content, "?compress=none");
        var analysis = await RunAsync(server, "dotnet", typeof(FileService).Assembly.Location, "files", "analyze");
        Assert.Matches(@"text/plain\s+2\s+", analysis);
        Assert.Matches(@"\s(9\d\.\d|100\.0)%", analysis);

        var arguments = (await RunAsync(server, "dotnet", typeof(FileService).Assembly.Location, "files", "key", packed.ToString())).Trim();
        Assert.EndsWith($" default {packed} 1 zlib", arguments, StringComparison.Ordinal);
        var script = Path.Combine(RepositoryRoot.Find()!.FullName, "docs", "files_decrypt.py");
        var hash = await RunAsync(server, "bash", "-c", $"python3 -c 'import cryptography' || exit 0; python3 '{script}' {arguments} < '{path}' 2>/dev/null | sha256sum");
        Assert.SkipWhen(hash.Length == 0, "needs Python's package cryptography");
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(content)), hash, StringComparison.Ordinal);
        Assert.Matches("0 files removed, 0 contents without a file, 0 uploads given up, 0 contents read, 0 damaged", await RunAsync(server, "dotnet", typeof(FileService).Assembly.Location, "files", "keep"));
    }

    private static async Task<string> RunAsync(ApiServer server, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = server.DataFolder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Data__Root"] = server.DataFolder;
        start.Environment["ConnectionStrings__records"] = "";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
