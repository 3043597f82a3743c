using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace CloudStore.TestKit;

/// <summary>A way to a server of this machine that can be cut: connections end at once and new ones are refused, as if the server had died.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly int _target;
    private readonly List<Socket> _open = [];
    private TcpListener? _listener;
    private LostAnswer? _losing;

    /// <param name="target">The server's port on the loopback address.</param>
    public TcpProxy(int target)
    {
        _target = target;
        Port = Listen(0);
    }

    public int Port { get; }

    /// <summary>True until the answer of <see cref="LoseAnswer"/> has come.</summary>
    public bool IsLosing => Volatile.Read(ref _losing) is not null;

    /// <summary>A way to a Postgres server of this machine.</summary>
    /// <param name="direct">The connection string to it.</param>
    /// <param name="byTheWay">The same by this way.</param>
    public static TcpProxy ToPostgres(string direct, out string byTheWay)
    {
        var server = new NpgsqlConnectionStringBuilder(direct);
        var way = new TcpProxy(server.Port);
        server.Port = way.Port;
        byTheWay = server.ConnectionString;
        return way;
    }

    /// <summary>
    /// Keeps back the server's next answer of a kind and ends its connection instead: what was asked for was done, and who asked does not know.
    /// </summary>
    /// <param name="which">Told each answer as it comes, in Latin-1.</param>
    /// <param name="cut">True to cut the whole way with it.</param>
    public void LoseAnswer(Predicate<string> which, bool cut = false) => Volatile.Write(ref _losing, new LostAnswer(which, cut));

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

                _ = PumpAsync(client, server, false);
                _ = PumpAsync(server, client, true);
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

    private bool Loses(ReadOnlySpan<byte> answer)
    {
        if (Volatile.Read(ref _losing) is not { } losing || !losing.Which(Encoding.Latin1.GetString(answer)) || Interlocked.CompareExchange(ref _losing, null, losing) != losing)
        {
            return false;
        }

        if (losing.Cut)
        {
            Cut();
        }

        return true;
    }

    private async Task PumpAsync(Socket from, Socket to, bool answers)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read && !(answers && Loses(buffer.AsSpan(0, read))))
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

    private sealed record LostAnswer(Predicate<string> Which, bool Cut);
}
