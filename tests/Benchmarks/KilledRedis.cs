using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CloudStore.Benchmarks;

/// <summary>A redis-server of the benchmark's own, to be killed and started again.</summary>
internal sealed class KilledRedis : IAsyncDisposable
{
    private readonly Scratch _folder = new();
    private readonly int _port = FreePort();
    private Process? _process;

    public string ConnectionString => $"127.0.0.1:{_port}";

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{_port}", "--bind", "127.0.0.1", "--dir", Path.GetDirectoryName(_folder.File("x"))!, "--save", "", "--appendonly", "no"])
        {
            RedirectStandardOutput = true,
        })!;
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        while (!await ListensAsync())
        {
            await Task.Delay(20);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return _process!.HasExited ? throw new InvalidOperationException("redis-server ended before it listened.") : false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
