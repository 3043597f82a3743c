using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>A process of its own, as far as the shared layers can tell: a client, a database pool, and a sink that remembers what it heard.</summary>
internal sealed class SharedNode : IInvalidationSink, IAsyncDisposable
{
    private readonly CacheDatabase? _database;
    private ConnectionMultiplexer? _client;

    private SharedNode(int? redis, TestStore? store, CacheOptions options, TimeProvider? time, CacheDatabase? database)
    {
        // Patient, so that a busy machine is no outage.
        _database = database ?? (store?.Services.GetRequiredService<KeyDatabase>() is { } keys ? new CacheDatabase(keys.Dialect, keys.ConnectionString, seconds: 60) : null);
        Cache = new SharedCache(options, redis is { } port ? () => Connect(port) : null, _database, time ?? TimeProvider.System, Logs);
        Cache.Follow(this);
    }

    public SharedCache Cache { get; }

    public LogLines Logs { get; } = new();

    public ConcurrentQueue<(Invalidation What, long Position)> Heard { get; } = [];

    public int Forgotten { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Milliseconds that are generous, so that a busy machine is no outage.</summary>
    public static CacheOptions Options(int timeout = 2_000, int failures = 3) => new() { RedisTimeoutMilliseconds = timeout, RedisFailures = failures, DatabasePollMilliseconds = 200 };

    public static async Task<SharedNode> StartAsync(RedisServer? redis, TestStore? store, CacheOptions? options = null, TimeProvider? time = null, int? port = null, CacheDatabase? database = null)
    {
        var node = Begin(redis, store, options, time, port, database);
        await node.UsesAsync(redis is null ? Holder.Database : Holder.Redis);
        return node;
    }

    /// <summary>Starts one that uses no store yet.</summary>
    public static SharedNode Begin(RedisServer? redis, TestStore? store, CacheOptions? options = null, TimeProvider? time = null, int? port = null, CacheDatabase? database = null) =>
        new(port ?? redis?.Port, store, options ?? Options(), time, database);

    public Task UsesAsync(Holder holder, double seconds = 60) =>
        Eventually.Async(() => Cache.Holder == holder, TimeSpan.FromSeconds(seconds), $"the cache to use {holder}; it said {string.Join(" | ", Logs.Lines)}");

    public bool IsCurrent => Cache.IsCurrent(Stopwatch.GetTimestamp());

    public SharedEntry Entry(string value, double seconds = 600, params string[] tags) => new()
    {
        Payload = Encoding.UTF8.GetBytes(value),
        Format = 1,
        Position = Cache.Position,
        CreatedAt = Cache.Now,
        ExpiresAt = Cache.Now + (long)(seconds * 1_000),
        Tags = tags,
    };

    public SharedEntry Counter(double seconds = 600) => Entry("", seconds) with { Format = 3 };

    public async Task<string?> ReadAsync(string key, string tenant = "acme") => Text(await Cache.GetAsync(tenant, key, Token));

    public ValueTask<bool> WriteAsync(string key, string value, string tenant = "acme", SetMode mode = SetMode.Always) => Cache.SetAsync(tenant, key, Entry(value), mode, Token);

    public static string? Text(SharedEntry? entry) => entry is null ? null : Encoding.UTF8.GetString(entry.Payload.Span);

    public void Apply(Invalidation invalidation, long position) => Heard.Enqueue((invalidation, position));

    public void Forget() => Forgotten++;

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        _client?.Dispose();
        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private ConnectionMultiplexer Connect(int port)
    {
        var options = ConfigurationOptions.Parse($"127.0.0.1:{port}");
        options.AbortOnConnectFail = false;
        return _client = ConnectionMultiplexer.Connect(options);
    }

    /// <summary>What was logged, for asking how often.</summary>
    internal sealed class LogLines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : " " + exception)}");

        public void Dispose()
        {
        }
    }
}
