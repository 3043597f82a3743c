using CloudStore.Storage.Cache;

namespace CloudStore.Storage.Tests.Cache;

/// <summary>Pins what a hit in memory allocates: nothing.</summary>
public sealed class AllocationTests
{
    private const int Reads = 1_000;

    [Fact]
    public async Task A_typed_hit_allocates_nothing()
    {
        using var host = new CacheHost(time: TimeProvider.System);
        var cache = host.Cache;
        var hybrid = host.Hybrid;
        var options = new CacheEntryOptions { Tags = ["a", "b"], Sliding = TimeSpan.FromMinutes(1) };
        await cache.SetAsync("record", new Row("x", 1), options, cancellationToken: TestContext.Current.CancellationToken);
        await cache.SetAsync("text", "x", options, cancellationToken: TestContext.Current.CancellationToken);
        await cache.SetAsync("number", 5L, options, cancellationToken: TestContext.Current.CancellationToken);
        await cache.SetAsync("bytes", new byte[100], options, cancellationToken: TestContext.Current.CancellationToken);

        Pin(() => Done(cache.GetOrCreateAsync("record", 1, static (s, _) => new ValueTask<Row>(new Row("y", s)), options)));
        Pin(() => Done(hybrid.GetOrCreateAsync("record", 1, static (s, _) => new ValueTask<Row>(new Row("y", s)))));
        Pin(() => Done(cache.GetOrCreateResultAsync("record", 1, static (s, _) => new ValueTask<Row>(new Row("y", s)), options)));
        Pin(() => Done(cache.GetAsync<Row>("record")));
        Pin(() => Done(cache.GetAsync<string>("text")));
        Pin(() => Done(cache.GetAsync<long>("number")));
        Pin(() => Done(cache.GetAsync<ReadOnlyMemory<byte>>("bytes")));
    }

    private static bool Done<T>(ValueTask<T> read) => read.IsCompletedSuccessfully;

    private static void Pin(Func<bool> read)
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.True(read());
        }

        // The runtime may allocate once by itself, e.g. when it replaces a running method by a faster one. What a read allocates is there in every round.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Allocated(read)));
    }

    private static long Allocated(Func<bool> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool all = true;
        for (int i = 0; i < Reads; i++)
        {
            all &= read();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(all);
        return allocated;
    }

    private sealed record Row(string Name, int Count);
}
