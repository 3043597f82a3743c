using CloudStore.Storage.Cache;

namespace CloudStore.Storage.Tests.Cache;

public sealed class FlightTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_factory_runs_once_for_all_callers_of_a_key(bool shared)
    {
        using var host = new CacheHost(shared: shared ? t => new SharedStore(t).Join() : null);
        var go = new TaskCompletionSource();
        int runs = 0;
        var calls = Enumerable.Range(0, 1_000).Select(_ => Task.Run(async () => await host.Cache.GetOrCreateAsync("k", 0, async (_, _) =>
        {
            int run = Interlocked.Increment(ref runs);
            await go.Task;
            return run;
        }, cancellationToken: Token), Token)).ToList();
        go.SetResult();
        Assert.All(await Task.WhenAll(calls), run => Assert.Equal(1, run));
        Assert.Equal(1, runs);
        Assert.Equal(1, (await host.Cache.StatsAsync(Token)).FactoryRuns);
    }

    [Fact]
    public async Task The_factory_runs_once_for_all_processes()
    {
        var time = TimeProvider.System;
        var store = new SharedStore(time);
        var hosts = Enumerable.Range(0, 4).Select(_ => new CacheHost(shared: _ => store.Join(), time: time)).ToList();
        int runs = 0;
        var go = new TaskCompletionSource();
        var calls = Enumerable.Range(0, 400).Select(i => Task.Run(async () => await hosts[i % 4].Cache.GetOrCreateAsync("k", 0, async (_, _) =>
        {
            int run = Interlocked.Increment(ref runs);
            await go.Task;
            return run;
        }, cancellationToken: Token), Token)).ToList();
        go.SetResult();
        Assert.All(await Task.WhenAll(calls), run => Assert.Equal(1, run));
        Assert.Equal(1, runs);
        hosts.ForEach(h => h.Dispose());
    }

    [Fact]
    public async Task A_caller_who_leaves_does_not_take_the_value_from_the_others()
    {
        using var host = new CacheHost();
        var go = new TaskCompletionSource<string>();
        using var leaving = new CancellationTokenSource();
        var token = default(CancellationToken);
        var started = new TaskCompletionSource();
        var first = host.Cache.GetOrCreateAsync("k", go, async (g, t) =>
        {
            token = t;
            started.SetResult();
            return await g.Task;
        }, cancellationToken: leaving.Token).AsTask();
        await started.Task;
        var second = host.Cache.GetOrCreateAsync("k", 0, static (_, _) => new ValueTask<string>("other"), cancellationToken: Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(token.IsCancellationRequested);
        go.SetResult("v");
        Assert.Equal("v", await second);
    }

    [Fact]
    public async Task When_all_have_left_the_factory_is_cancelled_and_the_next_caller_runs_its_own()
    {
        using var host = new CacheHost();
        using var leaving = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var first = host.Cache.GetOrCreateAsync("k", 0, async (_, t) =>
        {
            t.Register(cancelled.SetResult);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, t);
            return "never";
        }, cancellationToken: leaving.Token).AsTask();
        await started.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await cancelled.Task;
        Assert.Equal("v", await host.Cache.GetOrCreateAsync("k", 0, static (_, _) => new ValueTask<string>("v"), cancellationToken: Token));
    }

    [Fact]
    public async Task A_failure_reaches_everyone_who_waits_and_is_not_kept()
    {
        using var host = new CacheHost();
        var go = new TaskCompletionSource<string>();
        var calls = Enumerable.Range(0, 3).Select(_ => host.Cache.GetOrCreateAsync("k", go, static async (g, _) => await g.Task, cancellationToken: Token).AsTask()).ToList();
        go.SetException(new InvalidDataException("broken"));
        foreach (var call in calls)
        {
            Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => call)).Message);
        }

        Assert.Equal("v", await host.Cache.GetOrCreateAsync("k", 0, static (_, _) => new ValueTask<string>("v"), cancellationToken: Token));
    }

    [Fact]
    public async Task Those_who_wait_get_values_of_their_own()
    {
        using var host = new CacheHost();
        var go = new TaskCompletionSource<List<int>>();
        var calls = Enumerable.Range(0, 3).Select(_ => host.Cache.GetOrCreateAsync("k", go, static async (g, _) => await g.Task, cancellationToken: Token).AsTask()).ToList();
        go.SetResult([1]);
        var lists = await Task.WhenAll(calls);
        lists[0].Add(2);
        Assert.Equal([1], lists[1]);
        Assert.NotSame(lists[1], lists[2]);
        Assert.Equal([1], (await host.Cache.GetAsync<List<int>>("k", Token)).Value!);
    }

    [Fact]
    public async Task A_lease_whose_holder_fails_goes_to_another_process()
    {
        var store = new SharedStore(TimeProvider.System);
        using var one = new CacheHost(shared: _ => store.Join(), time: TimeProvider.System);
        using var two = new CacheHost(shared: _ => store.Join(), time: TimeProvider.System);
        var go = new TaskCompletionSource<string>();
        var started = new TaskCompletionSource();
        var first = one.Cache.GetOrCreateAsync("k", 0, async (_, _) =>
        {
            started.SetResult();
            return await go.Task;
        }, cancellationToken: Token).AsTask();
        await started.Task;
        var second = two.Cache.GetOrCreateAsync("k", 0, static (_, _) => new ValueTask<string>("v"), cancellationToken: Token).AsTask();
        Assert.False(second.IsCompleted);
        go.SetException(new InvalidDataException("broken"));
        await Assert.ThrowsAsync<InvalidDataException>(() => first);
        Assert.Equal("v", await second);
    }
}
