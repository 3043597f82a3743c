using System.Diagnostics;
using System.Net.Sockets;
using Xunit;

namespace CloudStore.TestKit;

/// <summary>A redis-server that belongs to one test, which may kill, freeze and restart it: on a free port of the loopback address, in a folder of its own.</summary>
public sealed class OwnRedis : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TempFolder _folder = new();
    private readonly string[] _arguments;
    private Process? _process;

    private OwnRedis(string[] arguments) => _arguments = arguments;

    public int Port { get; } = FreePort.Next();

    /// <summary>host:port, as a connection string.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Starts one; skips the test where redis-server is not installed.</summary>
    /// <param name="arguments">More of the server's settings, e.g. <c>--maxmemory</c>, <c>8mb</c>. Without any, nothing is kept on disk.</param>
    public static async Task<OwnRedis> StartAsync(params string[] arguments)
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "redis-server"))), "needs redis-server");
        var redis = new OwnRedis(arguments);
        await redis.RestartAsync();
        return redis;
    }

    /// <summary>Starts it again after <see cref="Kill"/>, with what is on its disk.</summary>
    public async Task RestartAsync()
    {
        string[] own = ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullPath, "--save", "", "--appendonly", "no", "--daemonize", "no"];
        _process = Process.Start(new ProcessStartInfo("redis-server", [.. own, .. _arguments]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        await Eventually.Async(ListensAsync, Patience, "redis-server to listen");
    }

    /// <summary>SIGKILL: as a crash.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>SIGSTOP: connections stay open and nobody answers.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Wake() => Signal("CONT");

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    private async Task<bool> ListensAsync()
    {
        if (_process is { HasExited: true })
        {
            throw new InvalidOperationException($"redis-server ended with {_process.ExitCode}.");
        }

        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await stream.ReadExactlyAsync(answer);
            // While it reads its disk it answers LOADING.
            return answer[0] == (byte)'+';
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
