using System.Diagnostics;
using System.Globalization;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>Several processes under load on one Redis and one database; what they saw is checked afterwards against when each write had returned.</summary>
public sealed class ManyProcessesTests(ITestOutputHelper output)
{
    private const int Nodes = 4;
    private const int Keys = 32;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static double Seconds => double.Parse(Environment.GetEnvironmentVariable("CLOUDSTORE_TEST_CACHE_SECONDS") ?? "8", CultureInfo.InvariantCulture);

    [Fact]
    public async Task With_Redis_up_no_read_is_older_than_the_bound()
    {
        // A machine that is busy with other tests answers late now and then; that must not count as an outage, which has another bound.
        (long writes, long reads) = (0, 0);
        // Again while it says little, since the machine is slow.
        for (int round = 0; round < 10 && (writes <= 1_000 || reads <= 20_000); round++)
        {
            var history = await RunAsync([("RedisTimeoutMilliseconds", "5000"), ("RedisFailures", "1000"), ("DatabaseTimeoutSeconds", "60")], _ => Task.CompletedTask);
            (writes, reads) = (writes + history.Writes, reads + history.Reads);
            Assert.Equal(0, history.Failures);
            Assert.InRange(history.OldestMilliseconds, 0, 100);
        }

        Assert.True(writes > 1_000, $"only {writes} writes");
        Assert.True(reads > 20_000, $"only {reads} reads");
    }

    [Fact]
    public async Task While_Redis_is_killed_and_restarted_no_call_fails_and_no_read_is_older_than_the_databases_bound()
    {
        var history = await RunAsync([("RedisTimeoutMilliseconds", "150"), ("DatabasePollMilliseconds", "200")], async redis =>
        {
            var ended = Stopwatch.StartNew();
            for (int i = 0; ended.Elapsed.TotalSeconds < Seconds - 2; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(2), Token);
                redis.Kill();
                await Task.Delay(TimeSpan.FromSeconds(i % 2), Token);
                await redis.RestartAsync();
            }
        });

        Assert.Equal(0, history.Failures);
        Assert.True(history.Writes > 100, $"only {history.Writes} writes");
        // The lease of a look at the database is its poll's time; the bound has what an answer takes on a busy machine added.
        Assert.InRange(history.OldestMilliseconds, 0, 200 + 100);
    }

    [Fact]
    public async Task Ten_thousand_callers_in_four_processes_run_one_factory()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        using var folder = new TempFolder();
        var probes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(_ =>
            ProbeProcess.StartAsync(redis, store.Postgres, folder.FullPath, [("RedisTimeoutMilliseconds", "5000"), ("RedisFailures", "1000"), ("DatabaseTimeoutSeconds", "60")], "stampede", folder.FullPath, "2500")));
        await Task.WhenAll(probes.Select(p => p.GoAsync()));
        var answers = await Task.WhenAll(probes.Select(p => p.LineAsync()));
        Array.ForEach(probes, p => p.Dispose());

        var run = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(folder.FullPath, "*.run")));
        Assert.All(answers, a => Assert.Equal($"values 2500 of {run}", a));
    }

    private async Task<History> RunAsync((string, string)[] settings, Func<RedisServer, Task> meanwhile)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("truth"), new byte[Keys * sizeof(long)], Token);
        var probes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(n =>
            ProbeProcess.StartAsync(redis, store.Postgres, folder.FullPath, settings, "history", folder.FullPath, $"{n}", $"{Nodes}", Seconds.ToString(CultureInfo.InvariantCulture))));
        await Task.WhenAll(probes.Select(p => p.GoAsync()));
        await meanwhile(redis);
        var counts = (await Task.WhenAll(probes.Select(p => p.LineAsync()))).Select(l => l.Split(' ').Select(long.Parse).ToArray()).ToList();
        Array.ForEach(probes, p => p.Dispose());

        var history = History.Check(folder.FullPath, Nodes) with { Reads = counts.Sum(c => c[0]), Writes = counts.Sum(c => c[1]), Failures = counts.Sum(c => c[2]) };
        output.WriteLine(history.ToString());
        return history;
    }

    /// <summary>What came of it.</summary>
    /// <param name="OldestMilliseconds">How long after a write had returned a read began that still got the value before.</param>
    private sealed record History(double OldestMilliseconds, int Stale)
    {
        public long Reads { get; init; }

        public long Writes { get; init; }

        public long Failures { get; init; }

        public static History Check(string folder, int nodes)
        {
            var returned = Enumerable.Range(0, nodes).SelectMany(n => Rows(folder, $"writes{n}")).ToDictionary(w => (w[0], w[1]), w => w[2]);
            // The next write of a key is the one that made a value old.
            var ages = Enumerable.Range(0, nodes).SelectMany(n => Rows(folder, $"reads{n}"))
                .Where(r => returned.ContainsKey((r[0], r[1] + 1)))
                .Select(r => (r[2] - returned[(r[0], r[1] + 1)]) * 1_000.0 / Stopwatch.Frequency).Where(age => age > 0).ToList();
            return new History(ages.DefaultIfEmpty(0).Max(), ages.Count);
        }

        private static IEnumerable<long[]> Rows(string folder, string file) => File.ReadLines(Path.Combine(folder, file)).Select(l => l.Split(' ').Select(long.Parse).ToArray());
    }
}
