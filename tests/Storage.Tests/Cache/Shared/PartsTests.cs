using System.Diagnostics;
using CloudStore.Storage.Cache.Shared;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>The parts that need no store.</summary>
public sealed class PartsTests
{
    [Fact]
    public void The_floor_of_a_key_is_the_last_that_was_invalidated_above_it()
    {
        var floors = new Floors();
        floors.Reset(10, [new(30, 0, new(InvalidationKind.Prefix, "acme", "a:")), new(20, 0, new(InvalidationKind.Tenant, "acme", ""))]);
        Assert.Equal((30, 20, 10), (floors.Of("acme", "a:1"), floors.Of("acme", "b"), floors.Of("other", "a:1")));

        floors.Apply(new(InvalidationKind.Prefix, "acme", "a:1"), 40);
        floors.Apply(new(InvalidationKind.Tag, "acme", "a:"), 50);
        floors.Apply(new(InvalidationKind.Key, "acme", "b"), 50);
        Assert.Equal((40, 30, 30, 20), (floors.Of("acme", "a:12"), floors.Of("acme", "a:2"), floors.Of("acme", "a:"), floors.Of("acme", "a")));

        floors.Apply(new(InvalidationKind.Tenant, "acme", ""), 60);
        Assert.Equal(60, floors.Of("acme", "a:12"));
        Assert.False(floors.IsFull("acme", "z"));
        for (int i = 0; i < Floors.MostPrefixes; i++)
        {
            floors.Apply(new(InvalidationKind.Prefix, "acme", $"p{i}"), 61 + i);
        }

        Assert.True(floors.IsFull("acme", "z"));
        Assert.False(floors.IsFull("acme", "p5"));
    }

    [Fact]
    public void A_page_with_a_gap_is_not_applied_beyond_it()
    {
        var follower = new Follower();
        follower.Begin(new Regime(1, Holder.Redis, 100), new LogPage { Started = Stopwatch.GetTimestamp(), Generation = 1, Position = 100 }, TimeSpan.FromMinutes(1));
        Assert.True(follower.IsCurrent(Stopwatch.GetTimestamp()));
        LogLine Line(long position) => new(position, 0, new(InvalidationKind.Tag, "acme", "t"));

        Assert.Equal(Followed.Missed, follower.Apply(new LogPage { Started = 0, Generation = 1, Position = 103, Lines = [Line(101), Line(103)] }, TimeSpan.Zero));
        Assert.Equal(101, follower.Position);
        Assert.Equal(Followed.Applied, follower.Apply(new LogPage { Started = 0, Generation = 1, Position = 103, Lines = [Line(100), Line(101), Line(102), Line(103)] }, TimeSpan.Zero));
        Assert.Equal(103, follower.Position);
        Assert.Equal(Followed.Moved, follower.Apply(new LogPage { Started = 0, Generation = 2, Position = 104 }, TimeSpan.Zero));
        Assert.Equal(Followed.Moved, follower.Apply(new LogPage { Started = 0, Generation = 1, Position = 103, Sound = false }, TimeSpan.Zero));
        follower.Suspend();
        Assert.False(follower.IsCurrent(Stopwatch.GetTimestamp()));
    }

    [Fact]
    public void The_clock_follows_the_stores_and_tells_when_that_was_set()
    {
        var clock = new SharedClock();
        clock.Begin();
        Assert.True(clock.Take(1_000_000_000_000, Stopwatch.GetTimestamp()));
        Assert.InRange(clock.Now, 1_000_000_000_000, 1_000_000_060_000);
        Assert.True(clock.Take(clock.Now, Stopwatch.GetTimestamp()));
        Assert.False(clock.Take(clock.Now + 3_600_000, Stopwatch.GetTimestamp()));
        Assert.False(clock.Take(clock.Now - 3_600_000, Stopwatch.GetTimestamp()));
        long now = clock.Now;
        Assert.InRange(now, 1_000_000_000_000, 1_000_000_060_000);

        clock.Begin();
        Assert.True(clock.Take(now - 3_600_000, Stopwatch.GetTimestamp()));
        Assert.True(clock.Now < now);
    }

    [Fact]
    public async Task What_comes_while_a_group_is_under_way_goes_together()
    {
        var groups = new List<int>();
        var first = new TaskCompletionSource();
        var commit = new GroupCommit<int>(async items =>
        {
            groups.Add(items.Count);
            await (groups.Count == 1 ? first.Task : Task.CompletedTask);
            if (items.Contains(-1))
            {
                throw new InvalidOperationException("bad");
            }
        }, 4);
        var tasks = Enumerable.Range(0, 8).Select(commit.AddAsync).ToList();
        first.SetResult();
        await Task.WhenAll(tasks);
        Assert.Equal([1, 4, 3], groups);
        await Assert.ThrowsAsync<InvalidOperationException>(() => commit.AddAsync(-1));
        await commit.AddAsync(1);
    }

    [Fact]
    public void What_was_dropped_of_the_recent_keys_may_be_newer()
    {
        var keys = new RecentKeys();
        keys.Reset(100);
        keys.Note(new(105, 1, new(InvalidationKind.Key, "acme", "k")));
        Assert.True(keys.MayBeNewer("acme", "k", 104));
        Assert.False(keys.MayBeNewer("acme", "k", 105));
        Assert.False(keys.MayBeNewer("acme", "other", 100));
        Assert.True(keys.MayBeNewer("acme", "other", 99));
    }

    [Fact]
    public void Failures_in_a_row_open_the_circuit_once()
    {
        var reasons = new List<string>();
        using var circuit = new Circuit(3, reasons.Add);
        circuit.Failed("a");
        circuit.Failed("b");
        circuit.Succeeded();
        circuit.Failed("c");
        circuit.Failed("d");
        Assert.False(circuit.IsOpen);
        var opened = circuit.Opened;
        circuit.Failed("e");
        circuit.Failed("f");
        circuit.Open("g");
        Assert.True(circuit.IsOpen && opened.IsCancellationRequested);
        Assert.Equal(["e"], reasons);
        circuit.Close();
        Assert.False(circuit.IsOpen || circuit.Opened.IsCancellationRequested);
    }
}
