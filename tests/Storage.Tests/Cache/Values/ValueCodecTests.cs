using System.Collections.Immutable;
using System.ComponentModel;
using System.Text;
using System.Text.Json.Serialization;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Values;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Cache.Values;

public sealed partial class ValueCodecTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_of_all_kinds_come_back_from_memory_and_from_the_shared_layer()
    {
        await Comes("text €", "text €");
        await Comes(new byte[] { 1, 2 }, new byte[] { 1, 2 });
        await Comes(5L, 5L);
        await Comes((int?)null, (int?)null);
        await Comes(2.5m, 2.5m);
        await Comes(new DateOnly(2026, 1, 2), new DateOnly(2026, 1, 2));
        await Comes(new Campaign("c", 3), new Campaign("c", 3));
        await Comes<List<string>>(["a"], ["a"]);
        await Comes<string?>(null, null);

        static async Task Comes<T>(T value, T expected)
        {
            var store = default(SharedStore);
            using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join());
            await host.Cache.SetAsync("k", value, cancellationToken: Token);
            var memory = await host.Cache.GetAsync<T>("k", Token);
            host.Space.Forget();
            var shared = await host.Cache.GetAsync<T>("k", Token);
            Assert.Equal((true, CacheSource.Memory, true, CacheSource.Redis), (memory.Found, memory.Source, shared.Found, shared.Source));
            Assert.Equal(expected, memory.Value);
            Assert.Equal(expected, shared.Value);
            Assert.Equal(memory.ETag, shared.ETag);
        }
    }

    [Fact]
    public async Task A_value_can_be_read_as_its_bytes_and_as_another_type_it_is_written_like()
    {
        using var host = new CacheHost();
        await host.Cache.SetAsync("campaign", new Campaign("c", 3), cancellationToken: Token);
        Assert.Equal("""{"id":"c","clicks":3}""", Encoding.UTF8.GetString((await host.Cache.GetAsync<byte[]>("campaign", Token)).Value!));
        Assert.Equal(3, (await host.Cache.GetAsync<Dictionary<string, object>>("campaign", Token)).Value!["clicks"] is System.Text.Json.JsonElement e ? e.GetInt32() : 0);
        await host.Cache.SetAsync("text", "not json", cancellationToken: Token);
        Assert.False((await host.Cache.GetAsync<Campaign>("text", Token)).Found);
        Assert.Equal(new Campaign("made", 1), await host.Cache.GetOrCreateAsync("text", 0, static (_, _) => new ValueTask<Campaign>(new Campaign("made", 1)), cancellationToken: Token));
        await host.Cache.SetAsync("bytes", new byte[] { 0xFF }, cancellationToken: Token);
        Assert.False((await host.Cache.GetAsync<string>("bytes", Token)).Found);
    }

    [Fact]
    public async Task A_caller_who_changes_what_it_got_or_gave_changes_nobody_elses()
    {
        using var host = new CacheHost();
        List<int> list = [1];
        byte[] bytes = [1];
        await host.Cache.SetAsync("list", list, cancellationToken: Token);
        await host.Cache.SetAsync("bytes", bytes, cancellationToken: Token);
        list.Add(2);
        bytes[0] = 2;
        (await host.Cache.GetAsync<List<int>>("list", Token)).Value!.Add(3);
        (await host.Cache.GetAsync<byte[]>("bytes", Token)).Value![0] = 3;
        Assert.Equal([1], (await host.Cache.GetAsync<List<int>>("list", Token)).Value!);
        Assert.Equal([1], (await host.Cache.GetAsync<ReadOnlyMemory<byte>>("bytes", Token)).Value.ToArray());
    }

    [Theory]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(long?), true)]
    [InlineData(typeof(Campaign), true)]
    [InlineData(typeof(Nested), true)]
    [InlineData(typeof(ImmutableArray<Campaign>), true)]
    [InlineData(typeof(Promised), true)]
    [InlineData(typeof(Settable), false)]
    [InlineData(typeof(HoldsAList), false)]
    [InlineData(typeof(Exception), false)]
    [InlineData(typeof(byte[]), false)]
    [InlineData(typeof(List<int>), false)]
    [InlineData(typeof(ImmutableArray<List<int>>), false)]
    [InlineData(typeof(IReadOnlyList<int>), false)]
    [InlineData(typeof(object), false)]
    public void What_cannot_change_is_known(Type type, bool expected) => Assert.Equal(expected, ImmutableTypes.Contains(type));

    [Fact]
    public async Task Json_is_written_by_the_context_that_knows_the_type()
    {
        var store = default(SharedStore);
        using var host = new CacheHost(shared: t => (store = new SharedStore(t)).Join(),
            services: s => s.Configure<CacheJsonOptions>(o => o.Resolvers.Add(SnakeContext.Default)));
        await host.Cache.SetAsync("k", new Snake(7), cancellationToken: Token);
        Assert.Equal("""{"its_length":7}""", Encoding.UTF8.GetString(store!.Peek("k")!.Payload.Span));
        host.Space.Forget();
        Assert.Equal(new Snake(7), (await host.Cache.GetAsync<Snake>("k", Token)).Value);
    }

    [Fact]
    public async Task Long_values_are_compressed_for_the_shared_layer_where_that_pays()
    {
        var store = default(SharedStore);
        using var host = new CacheHost(o => o.CompressFromBytes = 1_000, t => (store = new SharedStore(t)).Join());
        string long1 = string.Concat(Enumerable.Repeat("campaign ", 1_000));
        byte[] noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        await host.Cache.SetAsync("text", long1, cancellationToken: Token);
        await host.Cache.SetAsync("noise", noise, cancellationToken: Token);
        await host.Cache.SetAsync("short", long1[..999], cancellationToken: Token);
        Assert.InRange(store!.Peek("text")!.Payload.Length, 1, 500);
        Assert.Equal(10_000, store.Peek("noise")!.Payload.Length);
        Assert.Equal(999, store.Peek("short")!.Payload.Length);
        host.Space.Forget();
        Assert.Equal(long1, (await host.Cache.GetAsync<string>("text", Token)).Value);
        Assert.Equal(noise, (await host.Cache.GetAsync<byte[]>("noise", Token)).Value);
    }

    [Fact]
    public void A_compressed_payload_that_was_damaged_is_none()
    {
        byte[] compressed = Compression.TryCompress(new byte[1_000])!;
        Assert.True(Compression.TryDecompress(compressed, 1_000, out byte[] plain));
        Assert.Equal(new byte[1_000], plain);
        Assert.False(Compression.TryDecompress(compressed, 999, out _));
        Assert.False(Compression.TryDecompress(compressed.AsSpan(0, 3), 1_000, out _));
        Assert.False(Compression.TryDecompress(compressed.AsSpan(0, compressed.Length - 1), 1_000, out _));
        compressed[3] = 0xFF;
        Assert.False(Compression.TryDecompress(compressed, 1_000, out _));
    }

    [Fact]
    public void Buffers_grow_and_keep_to_the_limit()
    {
        using var writer = new PooledWriter(100_000);
        for (int i = 0; i < 100; i++)
        {
            writer.GetSpan(1_000)[..1_000].Fill((byte)i);
            writer.Advance(1_000);
        }

        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal((byte)i, writer.Written[(i * 1_000) + 999]));
        Assert.Throws<ServiceDefaults.Problems.ProblemException>(() => writer.Advance(1));
    }

    private sealed record Campaign(string Id, int Clicks);

    private sealed record Nested(Campaign Inner, ImmutableDictionary<string, Nested> Others);

    private sealed record HoldsAList(IReadOnlyList<int> Numbers);

    private sealed class Settable
    {
        public int X { get; set; }
    }

    [ImmutableObject(true)]
    private sealed class Promised
    {
        public int[] Numbers { get; } = [1];
    }

    internal sealed record Snake([property: JsonPropertyName("its_length")] int Length);

    [JsonSerializable(typeof(Snake))]
    private sealed partial class SnakeContext : JsonSerializerContext;
}
