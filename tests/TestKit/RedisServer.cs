using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace CloudStore.TestKit;

/// <summary>
/// A redis-server of the test's own, on a free port and in a folder of its own, to be killed, frozen and started again. Where redis-server is not installed the
/// calling test is skipped.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private string[] _settings;
    private Process? _process;

    private RedisServer(string[] settings) => _settings = settings;

    public int Port { get; } = FreePort.Next();

    /// <summary>As the connection string of StackExchange.Redis.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <param name="settings">As on the command line, e.g. "--maxmemory", "3mb".</param>
    public static async Task<RedisServer> StartAsync(params string[] settings)
    {
        Assert.SkipUnless(IsInstalled, "needs redis-server, which is not installed");
        var server = new RedisServer(settings);
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts it again after <see cref="Kill"/>, with what it had saved.</summary>
    /// <param name="waits">False: returns while it may still be reading its dump.</param>
    public async Task RestartAsync(bool waits = true)
    {
        _process = Process.Start(new ProcessStartInfo("redis-server",
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullPath, "--save", "", "--appendonly", "no", .. _settings]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        if (waits)
        {
            await Eventually.Async(async () => await TryAsync("PING") == "+PONG", TimeSpan.FromMinutes(1), "Redis to answer");
        }
    }

    /// <summary>As kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stops it without ending it: connections stay, nothing is answered.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    /// <summary>Settings more for the next start.</summary>
    public void Add(params string[] settings) => _settings = [.. _settings, .. settings];

    /// <summary>Sends a command as one line.</summary>
    /// <returns>The answer's first line.</returns>
    public async Task<string> CommandAsync(string line)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync() ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Thaw();
            Kill();
        }

        await Task.Yield();
        _folder.Dispose();
    }

    private static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "redis-server")));

    /// <summary>As <see cref="CommandAsync"/>; null where nobody answers.</summary>
    public async Task<string?> TryAsync(string line)
    {
        try
        {
            return await CommandAsync(line);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, $"{_process!.Id}"]);
        kill.WaitForExit();
    }
}
