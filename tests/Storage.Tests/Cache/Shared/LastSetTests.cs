using System.Diagnostics;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>A set that returned, and Redis that is killed before anybody may have heard of it: no other process serves the value before from its memory.</summary>
public sealed class LastSetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_set_just_before_Redis_was_killed_is_not_hidden_by_what_another_process_has_in_memory()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(TestServers.HasPostgres ? Database.Postgres : Database.Sqlite);
        using var writer = await StartAsync(redis, store);
        using var reader = await StartAsync(redis, store);
        for (int round = 0; round < 4; round++)
        {
            await Eventually.Async(async () =>
            {
                await writer.Cache.SetAsync("k", round, cancellationToken: Token);
                return await reader.Cache.GetAsync<int>("k", Token) is { Found: true, Value: var seen } && seen == round
                    && await reader.Cache.GetAsync<int>("k", Token) is { Found: true, Source: CacheSource.Memory };
            }, TimeSpan.FromSeconds(60), "the reader to have it in memory");
            await writer.Cache.SetAsync("k", round + 1, cancellationToken: Token);
            redis.Kill();
            long killed = Stopwatch.GetTimestamp();
            // Until well after the processes have moved; a read of before the bound may find either.
            for (TimeSpan begun; (begun = Stopwatch.GetElapsedTime(killed)) < TimeSpan.FromSeconds(1);)
            {
                var read = await reader.Cache.GetAsync<int>("k", Token);
                Assert.False(begun >= CacheOptions.Bound && read.Found && read.Value == round, $"{begun.TotalMilliseconds} ms after Redis was killed the value before was read from {read.Source}.");
                await Task.Yield();
            }

            await redis.RestartAsync();
        }
    }

    private static async Task<CacheHost> StartAsync(RedisServer redis, TestStore store)
    {
        var keys = store.Services.GetRequiredService<KeyDatabase>();
        var host = new CacheHost(shared: time => new SharedCache(SharedNode.Options(), () => ConnectionMultiplexer.Connect($"127.0.0.1:{redis.Port},abortConnect=false"), new CacheDatabase(keys.Dialect, keys.ConnectionString, seconds: 60), time,
            NullLoggerFactory.Instance), time: TimeProvider.System);
        _ = host.Cache;
        await Eventually.Async(() => host.Shared.IsCurrent(Stopwatch.GetTimestamp()), TimeSpan.FromSeconds(30), "the cache to follow the log");
        return host;
    }
}
