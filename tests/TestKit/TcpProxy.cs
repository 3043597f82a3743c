using System.Net;
using System.Net.Sockets;

namespace CloudStore.TestKit;

/// <summary>A way to a server of this machine that can be cut: connections end at once and new ones are refused, as if the server had died.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly int _target;
    private readonly List<Socket> _open = [];
    private TcpListener? _listener;

    /// <param name="target">The server's port on the loopback address.</param>
    public TcpProxy(int target)
    {
        _target = target;
        Port = Listen(0);
    }

    public int Port { get; }

    public void Restore() => Listen(Port);

    public void Cut()
    {
        lock (_open)
        {
            _listener?.Dispose();
            _listener = null;
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }
    }

    public void Dispose() => Cut();

    private int Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        lock (_open)
        {
            _listener = listener;
        }

        _ = AcceptAsync(listener);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, _target);
                if (!TryAdd(listener, client, server))
                {
                    client.Dispose();
                    server.Dispose();
                    return;
                }

                _ = PumpAsync(client, server);
                _ = PumpAsync(server, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    // False for one that came just before the way was cut.
    private bool TryAdd(TcpListener listener, Socket client, Socket server)
    {
        lock (_open)
        {
            if (_listener != listener)
            {
                return false;
            }

            _open.AddRange([client, server]);
            return true;
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or one side ended it.
        }

        from.Dispose();
        to.Dispose();
    }
}
