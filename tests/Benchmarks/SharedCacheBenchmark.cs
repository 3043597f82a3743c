using System.Diagnostics;
using System.Globalization;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace CloudStore.Benchmarks;

/// <summary>
/// Reads and writes of the layers that processes share: in Redis beside the client's own calls, on one connection each, and redis-benchmark; in the database
/// while there is no Redis. Ours and the client's runs take turns, so that whatever else the machine does meets both.
/// </summary>
internal static class SharedCacheBenchmark
{
    private const string Variable = "CLOUDSTORE_TEST_REDIS";
    private const int Keys = 10_000;
    private const int PayloadBytes = 200;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    public static bool IsThere => Database.IsThere && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        await using var database = await Database.CreateAsync();
        await using (var context = new PostgresContext(new DbContextOptionsBuilder<PostgresContext>().UseNpgsql(database.ConnectionString).Options))
        {
            await context.Database.MigrateAsync();
        }

        await RedisAsync(options, table, database);
        await DatabaseAsync(table, database);
    }

    private static async Task RedisAsync(BenchmarkOptions options, ResultTable table, Database database)
    {
        var address = Environment.GetEnvironmentVariable(Variable)!;
        using var raw = await ConnectionMultiplexer.ConnectAsync(address);
        await using var rows = new CacheDatabase(StoreDialect.Postgres, database.ConnectionString);
        await using var cache = await StartAsync(() => Connect(address), rows, "closed");
        var (client, entry, value) = (raw.GetDatabase(), Entry(cache), new byte[PayloadBytes + 46]);
        for (int i = 0; i < Keys; i++)
        {
            await client.StringSetAsync(Raw(i), value, Life, When.Always, CommandFlags.None);
            await cache.SetAsync("acme", Name(i), entry, SetMode.Always, default);
        }

        (string Name, Func<int, Task> Raw, Func<int, Task> Ours)[] calls =
        [
            ("get", i => client.StringGetAsync(Raw(i), CommandFlags.None), async i => await cache.GetAsync("acme", Name(i), default)),
            ("set", i => client.StringSetAsync(Raw(i), value, Life, When.Always, CommandFlags.None), async i => await cache.SetAsync("acme", Name(i), entry, SetMode.Always, default)),
        ];
        foreach (int callers in new[] { 1, 32 })
        {
            foreach (var (name, theirs, ours) in calls)
            {
                var (a, b) = (new List<double>(), new List<double>());
                for (int turn = -1; turn < Math.Max(5, options.Runs); turn++)
                {
                    var (x, y) = (await RateAsync(theirs, callers), await RateAsync(ours, callers));
                    if (turn >= 0)
                    {
                        a.Add(x);
                        b.Add(y);
                    }
                }

                table.Add($"Redis {name}, {callers} callers", ResultTable.Median(b), "calls/s", ResultTable.Median(a), $"beside StackExchange.Redis; redis-benchmark {Peer(address, name, callers)}");
            }
        }
    }

    private static async Task DatabaseAsync(ResultTable table, Database database)
    {
        await database.ExecuteAsync("DELETE FROM cache_state");
        await using var rows = new CacheDatabase(StoreDialect.Postgres, database.ConnectionString);
        await using var cache = await StartAsync(null, rows, "none");
        while (!cache.IsCurrent(Stopwatch.GetTimestamp()))
        {
            await Task.Delay(10);
        }

        var entry = Entry(cache);
        await cache.SetManyAsync("acme", [.. Enumerable.Range(0, Keys).Select(i => KeyValuePair.Create(Name(i), entry))], default);
        await RateAsync(async i => await cache.GetAsync("acme", Name(i), default), 16);
        table.Add("database get, 16 callers", await RateAsync(async i => await cache.GetAsync("acme", Name(i), default), 16), "calls/s", 5_000, "beside the goal");
        table.Add("database set, 16 callers", await RateAsync(async i => await cache.SetAsync("acme", Name(i), entry, SetMode.Always, default), 16), "calls/s");
    }

    private static async Task<SharedCache> StartAsync(Func<IConnectionMultiplexer>? redis, CacheDatabase rows, string circuit)
    {
        var cache = new SharedCache(new CacheOptions { RedisTimeoutMilliseconds = 1_000 }, redis, rows, TimeProvider.System, NullLoggerFactory.Instance);
        cache.Start();
        while (cache.Health is var health && (health.Circuit != circuit || health.Generation == "0"))
        {
            await Task.Delay(10);
        }

        return cache;
    }

    private static ConnectionMultiplexer Connect(string address)
    {
        var options = ConfigurationOptions.Parse(address);
        options.AbortOnConnectFail = false;
        return ConnectionMultiplexer.Connect(options);
    }

    private static SharedEntry Entry(SharedCache cache) => new()
    {
        Payload = new byte[PayloadBytes],
        Position = cache.Position,
        CreatedAt = cache.Now,
        ExpiresAt = cache.Now + (long)Life.TotalMilliseconds,
    };

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"campaigns/metrics/{i % Keys}");

    private static string Raw(int i) => string.Create(CultureInfo.InvariantCulture, $"benchmark:00000000:00000000:acme:campaigns/metrics/{i % Keys}");

    private static async Task<double> RateAsync(Func<int, Task> call, int callers)
    {
        long started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(async () =>
        {
            int n = 0;
            for (; Stopwatch.GetElapsedTime(started) < Turn; n++)
            {
                await call(c * 7919 + n);
            }

            return n;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static string Peer(string address, string command, int callers)
    {
        try
        {
            var parts = address.Split(':');
            using var process = Process.Start(new ProcessStartInfo("redis-benchmark", ["-h", parts[0], "-p", parts[1], "-t", command, "-n", callers == 1 ? "20000" : "200000", "-c", $"{callers}", "-d", $"{PayloadBytes + 46}", "-r", $"{Keys}", "--csv"])
            {
                RedirectStandardOutput = true,
            })!;
            var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            return $"{lines[^1].Split(',')[1].Trim('"')}/s on {callers} connections";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "is not installed";
        }
    }
}
