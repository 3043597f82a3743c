namespace CloudStore.Storage.Tests.Cache;

/// <summary>Random calls from several tasks are what one value a key explains; and the checker finds what is not.</summary>
public sealed class CacheModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Memory_alone_is_linearizable(int seed)
    {
        using var host = new CacheHost(time: TimeProvider.System);
        Explained(await new CacheModel(host.Cache, seed).RunAsync(8, 2_000, mayLose: false, cancellationToken: Token));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task So_it_is_over_a_shared_layer_that_answers_at_any_time(int seed)
    {
        var store = new SharedStore(TimeProvider.System);
        var process = store.Join();
        int calls = 0;
        process.AfterGet = process.AfterSet = async () =>
        {
            for (int i = Interlocked.Increment(ref calls) % 5; i > 0; i--)
            {
                await Task.Yield();
            }
        };
        using var host = new CacheHost(shared: _ => process, time: TimeProvider.System);
        Explained(await new CacheModel(host.Cache, seed).RunAsync(8, 1_500, mayLose: true, cancellationToken: Token));
    }

    [Fact]
    public async Task So_it_is_while_memory_is_short_and_forgets()
    {
        var store = new SharedStore(TimeProvider.System);
        var process = store.Join();
        int sets = 0;
        process.AfterSet = () =>
        {
            if (Interlocked.Increment(ref sets) % 50 == 0)
            {
                process.Forget();
            }

            return Task.CompletedTask;
        };
        using var host = new CacheHost(o => o.MemoryEntriesPerTenant = 3, _ => process, TimeProvider.System);
        Explained(await new CacheModel(host.Cache, 7).RunAsync(8, 1_500, mayLose: true, cancellationToken: Token));
        Assert.True(host.Space.Counters.Evictions > 0);
    }

    private static void Explained(string? fault) => Assert.True(fault is null, fault);

    [Fact]
    public void A_value_that_comes_back_after_it_was_removed_is_found() => Assert.Contains("no order", CacheHistory.Fault(
        [new("k", Did.Set, 1, true, 0, 1, 2), new("k", Did.Remove, null, true, 0, 3, 4), new("k", Did.Read, 1, true, 0, 5, 6)], mayLose: true), StringComparison.Ordinal);

    [Fact]
    public void An_old_value_after_a_new_one_was_read_is_found() => Assert.Contains("no order", CacheHistory.Fault(
        [
            new("k", Did.Set, 1, true, 0, 1, 2), new("k", Did.Set, 2, true, 0, 3, 10), new("k", Did.Read, 2, true, 0, 4, 5), new("k", Did.Read, 1, true, 0, 6, 7),
        ], mayLose: true), StringComparison.Ordinal);

    [Fact]
    public void A_value_made_from_what_was_removed_is_found_where_its_maker_is_still_under_way() => Assert.Contains("a factory began", CacheHistory.Fault(
        [
            new("k", Did.GetOrCreate, 1, true, 0, 1, 10) { FactoryBegin = 2 }, new("k", Did.Remove, null, true, 0, 3, 4), new("k", Did.GetOrCreate, 1, false, 0, 5, 9),
        ], mayLose: true), StringComparison.Ordinal);

    [Fact]
    public void A_lost_value_is_found_where_none_may_be_lost()
    {
        Operation[] history = [new("k", Did.Set, 1, true, 0, 1, 2), new("k", Did.Read, null, true, 0, 3, 4)];
        Assert.NotNull(CacheHistory.Fault(history, mayLose: false));
        Assert.Null(CacheHistory.Fault(history, mayLose: true));
    }

    [Fact]
    public void Calls_that_overlap_may_have_happened_in_any_order()
    {
        Operation[] history =
        [
            new("k", Did.Set, 1, true, 0, 1, 10), new("k", Did.Set, 2, true, 0, 2, 9), new("k", Did.Read, 2, true, 0, 3, 4), new("k", Did.Read, 1, true, 0, 5, 6),
            new("k", Did.SetIfNone, 3, false, 0, 11, 12), new("k", Did.GetOrCreate, 1, false, 0, 13, 14),
        ];
        Assert.Null(CacheHistory.Fault(history, mayLose: false));
    }
}
