using System.Globalization;

namespace CloudStore.Api.Tests.Faults;

/// <summary>Workers that are killed in mid-file lose and double nothing. CLOUDSTORE_KILLS=100 kills more often than an ordinary run has time for.</summary>
public sealed class KilledWorkerTests
{
    private const int Rows = 60_000;
    private const int KillsPerJob = 8;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Every_row_is_there_once_whenever_the_workers_are_killed(Provider provider)
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("CLOUDSTORE_KILLS") ?? "3", CultureInfo.InvariantCulture);
        await using var server = await ApiServer.StartAsync(provider);
        var random = new Random(20260131);
        int done = 0;
        for (int file = 0; done < kills; file++)
        {
            var import = await GeneratedImport.SendAsync(server, file, Rows);
            done += await KillAsync(server, import, Math.Min(KillsPerJob, kills - done), random);
            using (WorkerProcess.Start(server))
            {
                await import.EndAsync();
            }

            await import.AssertLoadedAsync();
        }

        Assert.Equal(kills, done);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Two_worker_processes_share_the_queue_and_each_job_runs_once(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var imports = new List<GeneratedImport>();
        for (int file = 0; file < 8; file++)
        {
            imports.Add(await GeneratedImport.SendAsync(server, file, 4_000));
        }

        using var one = WorkerProcess.Start(server);
        using var other = WorkerProcess.Start(server);
        foreach (var import in imports)
        {
            await import.EndAsync();
            await import.AssertLoadedAsync();
        }

        Assert.False(one.HasExited || other.HasExited, "A worker ended by itself.");
    }

    /// <returns>The kills that hit a worker before its job was over.</returns>
    private static async Task<int> KillAsync(ApiServer server, GeneratedImport import, int kills, Random random)
    {
        for (int killed = 0; killed < kills; killed++)
        {
            using (WorkerProcess.Start(server))
            {
                await import.GetFurtherAsync(await import.RowsReadAsync() + random.Next(1, Rows / (KillsPerJob + 2)));
                for (int spin = random.Next(2_000_000); spin > 0; spin--)
                {
                    // A moment inside a batch that no condition could name.
                }
            }

            if (await import.IsOverAsync())
            {
                return killed;
            }
        }

        return kills;
    }
}
