using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// The client, from the moment it is there: making it waits for the server, so it is made in the background. It reconnects by itself, however the server
/// went; this tells when a connection was lost.
/// </summary>
/// <param name="connect">Gives the client; called again while it throws.</param>
/// <param name="lost">Called when the connection that commands go over has broken.</param>
/// <param name="rang">Called when another process has rung the bell.</param>
internal sealed class RedisLink(Func<IConnectionMultiplexer> connect, Action<string> lost, Action rang)
{
    private volatile IConnectionMultiplexer? _client;

    /// <summary>Null until there is a client.</summary>
    public IDatabase? Database { get; private set; }

    public async Task ConnectAsync(string bell)
    {
        // The client's own way of connecting blocks its thread.
        var client = await Task.Factory.StartNew(connect, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        client.ConnectionFailed += OnFailed;
        _client = client;
        Database = client.GetDatabase();
        await client.GetSubscriber().SubscribeAsync(Channel(bell), (_, _) => rang());
    }

    public void Close()
    {
        if (_client is { } client)
        {
            client.ConnectionFailed -= OnFailed;
        }
    }

    // The newest client wants to be told what kind of name it is, the oldest knows one kind.
    private static RedisChannel Channel(string name) => new(name, RedisChannel.PatternMode.Literal);

    private void OnFailed(object? sender, ConnectionFailedEventArgs e)
    {
        if (e.ConnectionType == ConnectionType.Interactive && _client is { } client && (client.GetEndPoints(true).Length == 1 || !client.IsConnected))
        {
            lost($"the connection was lost ({e.FailureType})");
        }
    }
}
