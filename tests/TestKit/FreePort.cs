using System.Net;
using System.Net.Sockets;

namespace CloudStore.TestKit;

/// <summary>
/// TCP ports on the loopback address for servers a test starts itself. Something else may take the port before it is used, so prefer letting a
/// server bind port 0 where it can; this is for those that cannot, and for an address at which nobody answers.
/// </summary>
public static class FreePort
{
    /// <summary>A port that nobody listened on at the moment of asking.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
