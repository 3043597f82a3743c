using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace CloudStore.Benchmarks;

/// <summary>A running server of ours in its own process, with an operator's key; disposing ends it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // The same for all: one after the other they work on the same database.
    private static readonly string MasterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string AccessKey = $"cs_benchmark_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}";
    private const string Listening = "Now listening on: ";
    private readonly Process _process;
    private readonly string _folder;

    private ServerProcess(Process process, string folder, string key, string url)
    {
        (_process, _folder, Key, Url) = (process, folder, key, url);
        Client = new HttpClient { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public string Url { get; }

    public string Key { get; }

    public HttpClient Client { get; }

    public int Id => _process.Id;

    /// <summary>Its data.</summary>
    public string Folder => _folder;

    /// <summary>The most memory the process has held, MB (VmHWM).</summary>
    public double PeakMegabytes => ProcFiles.PeakMegabytes(_process.Id);

    /// <param name="records">Connection string of Postgres; null for SQLite in a temporary folder.</param>
    /// <param name="encrypts">False to store encrypted fields in clear, which a server in production refuses.</param>
    /// <param name="settings">More settings, in the environment's form.</param>
    /// <param name="key">The operator's key; null for the one of all servers of this run.</param>
    public static async Task<ServerProcess> StartAsync(string? records, bool encrypts = true, IReadOnlyDictionary<string, string>? settings = null, string? key = null)
    {
        var folder = Directory.CreateTempSubdirectory("cloudstore-benchmark").FullName;
        key ??= AccessKey;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        start.ArgumentList.Add("serve");
        start.Environment["Data__Root"] = folder;
        start.Environment["Access__BootstrapKey"] = key;
        start.Environment["ConnectionStrings__records"] = records ?? "";
        start.Environment["Protection__MasterKey"] = MasterKey;
        start.Environment["Protection__Enabled"] = encrypts ? "true" : "false";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = encrypts ? "Production" : "Development";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        if (!Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.RemoveAt(0);
        }

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            int at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                // What it says from here on is read and dropped, so that its pipe never fills.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new ServerProcess(process, folder, key, line[(at + Listening.Length)..].Trim());
            }
        }

        throw new InvalidOperationException("The server ended before it listened; run it with the argument 'serve' to see why.");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
