using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>All of Redis in this process: the client, what is kept there, and whether it is used.</summary>
internal sealed class RedisSide : IDisposable
{
    private readonly CacheOptions _options;
    private readonly Follower _follower;
    private readonly RedisLink _link;

    /// <param name="opened">Told why Redis is no longer used.</param>
    /// <param name="rang">Called at the bell.</param>
    public RedisSide(CacheOptions options, Func<IConnectionMultiplexer> connect, Follower follower, Action<string> opened, Action rang)
    {
        (_options, _follower) = (options, follower);
        Circuit = new Circuit(options.RedisFailures, opened);
        _link = new RedisLink(connect, Circuit.Open, rang);
        Patience = new RedisPatience(options, Circuit);
    }

    public Circuit Circuit { get; }

    public RedisPatience Patience { get; }

    /// <summary>Null until the installation's name is known.</summary>
    public RedisNames? Names { get; private set; }

    /// <summary>Null likewise.</summary>
    public RedisLog? Log { get; private set; }

    /// <summary>Null likewise.</summary>
    public RedisStore? Store { get; private set; }

    /// <summary>Null until there is a client.</summary>
    public IDatabase? Database => Names is null ? null : _link.Database;

    public TimeSpan Timeout => TimeSpan.FromMilliseconds(_options.RedisTimeoutMilliseconds);

    public void Name(string installation)
    {
        if (Names is null)
        {
            var names = new RedisNames(installation);
            Log = new RedisLog(names, _follower);
            Store = new RedisStore(_link, names, Log, Patience, _follower);
            Names = names;
        }
    }

    public Task ConnectAsync() => _link.ConnectAsync(Names!.Bell);

    public void Dispose()
    {
        _link.Close();
        Circuit.Dispose();
    }
}
