using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Operations;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Uploads;

/// <summary>tus-js-client, the client of the protocol's authors, over lines that break and servers that die.</summary>
public sealed class TusClientTests
{
    private const string Variable = "CLOUDSTORE_TEST_TUS";
    private const int Megabytes = 24;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite, 1)]
    [InlineData(Provider.Postgres, 2)]
    public async Task An_upload_whose_line_is_cut_again_and_again_arrives_whole(Provider provider, int seed)
    {
        using var folder = new TempFolder();
        var (path, hash) = await FileAsync(folder, seed);
        await using var server = await ApiServer.StartAsync(provider);
        using var client = Start(folder, new Uri(server.Address, "/v1/uploads"), path, cuts: 6, seed);
        var (cuts, file) = await EndAsync(client);
        Assert.Equal(6, cuts);
        var stored = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{file}", Token), 200);
        Assert.Equal(("by tus.bin", hash), (stored.GetProperty("name").GetString(), stored.GetProperty("sha256").GetString()));
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(await server.Client.ContentAsync(file))));
    }

    [Theory]
    [InlineData(120)]
    [InlineData(500)]
    [InlineData(1100)]
    public async Task A_server_killed_in_the_middle_of_an_upload_goes_on_where_it_was_and_leaves_nothing_behind(int milliseconds)
    {
        using var folder = new TempFolder();
        var (path, hash) = await FileAsync(folder, milliseconds);
        await using var keeper = await ApiServer.StartAsync(Provider.Postgres);
        int port = FreePort.Next();
        var killed = StartServer(keeper, port);
        await AnswersAsync(port);
        using var client = Start(folder, new Uri($"http://127.0.0.1:{port}/v1/uploads"), path, cuts: 0, seed: 1);
        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(milliseconds, Token);
            killed.Kill();
            await killed.WaitForExitAsync(Token);
            killed.Dispose();
            killed = StartServer(keeper, port);
            await AnswersAsync(port);
        }

        var (_, file) = await EndAsync(client);
        killed.Kill();
        await killed.WaitForExitAsync(Token);
        killed.Dispose();
        // Whoever asks for the upload next, and be it the keeper, has it finished when the killed one's lease is over.
        await Eventually.Async(async () =>
        {
            using var head = await TusTests.SendAsync(keeper, HttpMethod.Head, $"/v1/uploads/{file}");
            Assert.Equal((Megabytes << 20).ToString(CultureInfo.InvariantCulture), TusTests.Header(head, "Upload-Offset"));
            return TusTests.Header(head, "Upload-Expires") is null;
        }, TimeSpan.FromMinutes(3), "the upload to become a file");
        var stored = await Expect.JsonAsync(await keeper.Client.GetAsync($"/v1/files/{file}", Token), 200);
        Assert.Equal(hash, stored.GetProperty("sha256").GetString());
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(await keeper.Client.ContentAsync(file))));
        Assert.Equal(1, (await Expect.JsonAsync(await keeper.Client.GetAsync("/v1/files/stats", Token), 200)).GetProperty("total").GetProperty("files").GetInt32());

        // What the killed processes left half-written is old tomorrow, and goes in one round.
        string[] Left() => Directory.GetFiles(keeper.DataFolder, "*", SearchOption.AllDirectories).Where(f => f.Contains("/files/", StringComparison.Ordinal) || f.Contains("/staged/", StringComparison.Ordinal)).ToArray();
        Array.ForEach(Left(), f => File.SetLastWriteTimeUtc(f, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25)));
        await ActivatorUtilities.CreateInstance<Keeper>(keeper.App.Services).RunOnceAsync(Token);
        Assert.Single(Left());
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(await keeper.Client.ContentAsync(file))));
    }

    private static async Task<(string Path, string Hash)> FileAsync(TempFolder folder, int seed)
    {
        var path = folder.File("upload.bin");
        var content = FileClient.Noise(Megabytes << 20, seed);
        await File.WriteAllBytesAsync(path, content, Token);
        return (path, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private static Process Start(TempFolder folder, Uri endpoint, string path, int cuts, int seed)
    {
        var tus = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(tus), $"needs tus-js-client: {Variable} is not set (tests/run installs it)");
        var script = Path.Combine(RepositoryRoot.Find()!.FullName, "tests", "Api.Tests", "Uploads", "upload.mjs");
        string[] arguments = [script, tus!, endpoint.ToString(), ApiServer.OperatorKey, path, cuts.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture)];
        return Process.Start(new ProcessStartInfo("node", arguments) { WorkingDirectory = folder.FullPath, RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static async Task<(int Cuts, Guid File)> EndAsync(Process client)
    {
        var errors = client.StandardError.ReadToEndAsync(Token);
        var output = (await client.StandardOutput.ReadToEndAsync(Token)).Trim();
        await client.WaitForExitAsync(Token);
        Assert.True(client.ExitCode == 0, await errors);
        return (int.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture), Guid.Parse(output.Split('/')[^1]));
    }

    internal static Process StartServer(ApiServer keeper, int port)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ApiSetup).Assembly.Location, "--urls", $"http://127.0.0.1:{port}"])
        {
            WorkingDirectory = keeper.DataFolder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["Data__Root"] = keeper.DataFolder;
        start.Environment["ConnectionStrings__records"] = keeper.ConnectionString ?? "";
        start.Environment["Files__SegmentBytes"] = (1 << 20).ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    internal static Task AnswersAsync(int port) => Eventually.Async(async () =>
    {
        using var client = new HttpClient();
        try
        {
            return (await client.GetAsync(new Uri($"http://127.0.0.1:{port}/alive"), Token)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, TimeSpan.FromMinutes(2), "the server to answer");
}
