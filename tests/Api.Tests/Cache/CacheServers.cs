using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Cache;

/// <summary>What the cache of a test's server stands on.</summary>
public enum Layers
{
    Sqlite,
    Postgres,
    PostgresAndRedis,
}

/// <summary>A server whose cache has the layers a test asks for, with a Redis of its own.</summary>
internal sealed class CacheServers : IAsyncDisposable
{
    private readonly List<ApiServer> _servers = [];

    private CacheServers(RedisServer? redis) => Redis = redis;

    public RedisServer? Redis { get; }

    public ApiServer First => _servers[0];

    public HttpClient Client => First.Client;

    public static async Task<CacheServers> StartAsync(Layers layers, params (string Name, string Value)[] settings)
    {
        var servers = new CacheServers(layers == Layers.PostgresAndRedis ? await RedisServer.StartAsync() : null);
        await servers.AddAsync(layers == Layers.Sqlite ? Provider.Sqlite : Provider.Postgres, settings);
        return servers;
    }

    /// <summary>Another process of the same installation.</summary>
    public async Task<ApiServer> AddAsync(Provider provider, params (string Name, string Value)[] settings)
    {
        var all = settings.ToDictionary(s => s.Name, s => (string?)s.Value);
        // Patient, so that a busy machine is no outage.
        all.TryAdd("Cache:DatabaseTimeoutSeconds", "60");
        all.TryAdd("Cache:RedisTimeoutMilliseconds", "5000");
        if (Redis is not null)
        {
            all["ConnectionStrings:cache"] = Redis.Address;
        }

        var server = await ApiServer.StartAsync(provider, sharing: _servers.FirstOrDefault(), settings: _ => all);
        _servers.Add(server);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        await (Redis?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
