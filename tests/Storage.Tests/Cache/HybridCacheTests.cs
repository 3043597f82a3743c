using System.Buffers;
using System.Text;
using CloudStore.Storage.Cache;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>What .NET documents of HybridCache.</summary>
public sealed class HybridCacheTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_gets_it_from_its_services_without_any_configuration()
    {
        using var services = new ServiceCollection().AddCloudStoreCache().BuildServiceProvider();
        var hybrid = services.GetRequiredService<HybridCache>();
        Assert.Equal(1, await hybrid.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Token));
        Assert.Equal(1, await hybrid.GetOrCreateAsync("k", static _ => new ValueTask<int>(2), cancellationToken: Token));
        Assert.Equal(1, (await services.GetRequiredService<IStoreCache>().GetAsync<int>("k", Token)).Value);
        Assert.Same(services.GetRequiredService<CacheEngine>().For("default"), hybrid);
    }

    [Fact]
    public async Task Entries_are_removed_by_key_by_tag_and_all_together()
    {
        using var host = new CacheHost();
        await host.Hybrid.SetAsync("a", 1, tags: ["x", "y"], cancellationToken: Token);
        await host.Hybrid.SetAsync("b", 2, tags: ["y"], cancellationToken: Token);
        await host.Hybrid.SetAsync("c", 3, cancellationToken: Token);
        await host.Hybrid.RemoveByTagAsync("x", Token);
        Assert.Equal("bc", await There(host));
        await host.Hybrid.RemoveAsync("b", Token);
        Assert.Equal("c", await There(host));
        await host.Hybrid.RemoveByTagAsync("*", Token);
        Assert.Equal("", await There(host));
        await host.Hybrid.RemoveByTagAsync(" ", Token);
        await host.Hybrid.RemoveByTagAsync(["x", "y"], Token);
        await host.Hybrid.RemoveAsync(["a", "b"], Token);
    }

    [Fact]
    public async Task Times_come_from_the_options()
    {
        using var host = new CacheHost(shared: t => new SharedStore(t).Join());
        await host.Hybrid.SetAsync("k", 1, new() { Expiration = TimeSpan.FromSeconds(10), LocalCacheExpiration = TimeSpan.FromSeconds(2) }, cancellationToken: Token);
        Assert.Equal(CacheSource.Memory, (await host.Cache.GetAsync<int>("k", Token)).Source);
        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(CacheSource.Redis, (await host.Cache.GetAsync<int>("k", Token)).Source);
        host.Time.Advance(TimeSpan.FromSeconds(8));
        Assert.False((await host.Cache.GetAsync<int>("k", Token)).Found);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheRead, CacheSource.Redis)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheRead, CacheSource.Memory)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead, CacheSource.Factory)]
    public async Task Flags_leave_layers_out_of_reading(HybridCacheEntryFlags flags, CacheSource from)
    {
        var store = default(SharedStore);
        using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join());
        await host.Cache.SetAsync("k", "kept", cancellationToken: Token);
        int reads = store!.Reads;
        string value = await host.Hybrid.GetOrCreateAsync("k", static _ => new ValueTask<string>("made"), new() { Flags = flags }, cancellationToken: Token);
        Assert.Equal(from == CacheSource.Factory ? "made" : "kept", value);
        Assert.Equal(from == CacheSource.Redis, store.Reads > reads);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite, false, true)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheWrite, true, false)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite, false, false)]
    public async Task Flags_leave_layers_out_of_writing(HybridCacheEntryFlags flags, bool inMemory, bool inShared)
    {
        var store = default(SharedStore);
        using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join());
        var options = new HybridCacheEntryOptions { Flags = flags };
        await host.Hybrid.SetAsync("set", 1, options, cancellationToken: Token);
        await host.Hybrid.GetOrCreateAsync("made", static _ => new ValueTask<int>(1), options, cancellationToken: Token);
        foreach (string key in (string[])["set", "made"])
        {
            Assert.Equal(inMemory, host.Space.Entries.ContainsKey(key));
            Assert.Equal(inShared, store!.Peek(key) is not null);
        }
    }

    [Fact]
    public async Task Without_underlying_data_what_is_not_there_is_the_default()
    {
        using var host = new CacheHost();
        var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        Assert.Null(await host.Hybrid.GetOrCreateAsync<string>("k", static _ => throw new InvalidOperationException(), options, cancellationToken: Token));
        await host.Hybrid.SetAsync("k", "v", cancellationToken: Token);
        Assert.Equal("v", await host.Hybrid.GetOrCreateAsync<string>("k", static _ => throw new InvalidOperationException(), options, cancellationToken: Token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\nb")]
    [InlineData("long")]
    public async Task A_key_that_cannot_be_used_leaves_the_call_without_a_cache(string? key)
    {
        using var host = new CacheHost();
        key = key == "long" ? new string('k', 1_025) : key;
        Assert.Equal(1, await host.Hybrid.GetOrCreateAsync(key!, static _ => new ValueTask<int>(1), cancellationToken: Token));
        Assert.Equal(2, await host.Hybrid.GetOrCreateAsync(key!, static _ => new ValueTask<int>(2), cancellationToken: Token));
        await host.Hybrid.SetAsync(key!, 1, cancellationToken: Token);
        await host.Hybrid.RemoveAsync(key!, Token);
        Assert.Empty(host.Space.Entries);
    }

    [Fact]
    public async Task A_registered_serializer_and_factory_go_before_json()
    {
        var store = default(SharedStore);
        using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join(), services: s => s
            .AddSingleton<IHybridCacheSerializer<Point>, PointSerializer>().AddSingleton<IHybridCacheSerializerFactory, LineFactory>());
        await host.Hybrid.SetAsync("p", new Point { X = 3 }, cancellationToken: Token);
        await host.Hybrid.SetAsync("l", new Line { Length = 4 }, cancellationToken: Token);
        Assert.Equal("point 3", Encoding.UTF8.GetString(store!.Peek("p")!.Payload.Span));
        Assert.Equal("line 4", Encoding.UTF8.GetString(store.Peek("l")!.Payload.Span));
        Assert.Equal(3, (await host.Cache.GetAsync<Point>("p", Token)).Value!.X);
        Assert.Equal(4, (await host.Cache.GetAsync<Line>("l", Token)).Value!.Length);
    }

    [Fact]
    public async Task Null_is_a_value_too()
    {
        using var host = new CacheHost();
        int runs = 0;
        for (int i = 0; i < 2; i++)
        {
            Assert.Null(await host.Hybrid.GetOrCreateAsync("k", _ =>
            {
                runs++;
                return new ValueTask<string?>((string?)null);
            }, cancellationToken: Token));
        }

        Assert.Equal(1, runs);
    }

    private static async Task<string> There(CacheHost host) => string.Concat((await host.Cache.GetManyAsync<int>(["a", "b", "c"], Token)).Keys.Order());

    private sealed class Point
    {
        public int X { get; set; }
    }

    private sealed class Line
    {
        public int Length { get; set; }
    }

    private sealed class PointSerializer : IHybridCacheSerializer<Point>
    {
        public Point Deserialize(ReadOnlySequence<byte> source) => new() { X = int.Parse(Encoding.UTF8.GetString(source).AsSpan(6), provider: null) };

        public void Serialize(Point value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes($"point {value.X}", target);
    }

    private sealed class LineFactory : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = new LineSerializer() as IHybridCacheSerializer<T>;
            return serializer is not null;
        }
    }

    private sealed class LineSerializer : IHybridCacheSerializer<Line>
    {
        public Line Deserialize(ReadOnlySequence<byte> source) => new() { Length = int.Parse(Encoding.UTF8.GetString(source).AsSpan(5), provider: null) };

        public void Serialize(Line value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes($"line {value.Length}", target);
    }
}
