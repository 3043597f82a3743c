using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.TestKit;

public sealed class ManualTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Moves_only_when_told_to()
    {
        var time = new ManualTime(Start);
        var stamp = time.GetTimestamp();
        Assert.Equal(Start, time.GetUtcNow());

        time.Advance(TimeSpan.FromMinutes(90));

        Assert.Equal(Start.AddMinutes(90), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(90), time.GetElapsedTime(stamp));
        Assert.Throws<ArgumentOutOfRangeException>(() => time.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Timers_fire_in_order_of_their_due_times_and_see_those_times()
    {
        var time = new ManualTime(Start);
        var fired = new List<(string Timer, double Second)>();
        void Note(object? name) => fired.Add(((string)name!, (time.GetUtcNow() - Start).TotalSeconds));
        using var late = time.CreateTimer(Note, "once", TimeSpan.FromSeconds(25), Timeout.InfiniteTimeSpan);
        using var repeating = time.CreateTimer(Note, "every", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        using var stopped = time.CreateTimer(Note, "stopped", TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(fired);
        time.Advance(TimeSpan.FromSeconds(22));

        Assert.Equal([("every", 10), ("every", 20), ("once", 25), ("every", 30)], fired);
        Assert.Equal(1, time.PendingTimers);
        Assert.Equal(Start.AddSeconds(31), time.GetUtcNow());
    }

    [Fact]
    public void A_disposed_timer_neither_fires_nor_can_be_set_again()
    {
        var time = new ManualTime(Start);
        var count = 0;
        var timer = time.CreateTimer(_ => count++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(2));
        timer.Dispose();

        Assert.False(timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(2, count);
    }

    [Fact]
    public async Task Delays_and_periodic_timers_follow_it()
    {
        var time = new ManualTime(Start);
        var delay = Task.Delay(TimeSpan.FromHours(3), time, TestContext.Current.CancellationToken);
        using var ticks = new PeriodicTimer(TimeSpan.FromHours(1), time);
        Assert.False(delay.IsCompleted);

        time.Advance(TimeSpan.FromHours(1));
        Assert.True(await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken));
        Assert.False(delay.IsCompleted);

        time.Advance(TimeSpan.FromHours(2));
        await delay;
    }
}
