using System.Data.Common;
using System.Globalization;
using System.Text;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Imports.Jobs;

/// <summary>A job goes from worker to worker, and each row is there once.</summary>
public sealed class TakeOverTests
{
    private const int Rows = 1000;

    private static readonly (string Name, string Value)[] OneBatch = [("SqliteBatches", "1")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_worker_that_is_told_to_stop_between_batches_lets_go_and_the_next_goes_on_behind_the_last_batch(Database database)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var stop = new AtCommit(3, stopping.Cancel);
        await using var store = await OpenAsync(database, stop, null);
        var (job, _) = await store.EnqueueAsync(File());
        stop.Armed = true;
        Assert.True(await store.Worker.RunNextAsync(stopping.Token));

        var left = await store.JobAsync(job.Id);
        Assert.Equal((ImportStatus.Queued, null), (left.Status, left.Lease));
        Assert.Equal((300, 300), (left.RowsRead, await store.CountAsync()));

        await store.WorkAsync();
        await AssertLoadedAsync(store, job.Id);
    }

    [Fact]
    public async Task On_SQLite_batches_share_a_transaction_and_the_next_worker_goes_on_behind_the_last_one_committed()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var stop = new AtCommit(2, stopping.Cancel);
        await using var store = await OpenAsync(Database.Sqlite, stop, null, ("SqliteBatches", "4"));
        var (job, _) = await store.EnqueueAsync(File());
        stop.Armed = true;
        Assert.True(await store.Worker.RunNextAsync(stopping.Token));

        var left = await store.JobAsync(job.Id);
        Assert.Equal((ImportStatus.Queued, 800, 800), (left.Status, left.RowsRead, await store.CountAsync()));
        await AssertCommitsWaitForTheDiskAsync(store);
        await store.WorkAsync();
        await AssertLoadedAsync(store, job.Id);
        await AssertCommitsWaitForTheDiskAsync(store);
    }

    [Theory]
    [EachDatabase]
    public async Task A_lease_that_ran_out_is_taken_over_and_the_zombie_commits_nothing_more(Database database)
    {
        var time = new ManualTime();
        await using var store = await OpenAsync(database, null, time);
        var (job, _) = await store.EnqueueAsync(File());
        var zombie = await store.ClaimAsync();
        Assert.Equal((job.Id, 1), (zombie!.Id, zombie.Attempts));
        Assert.Null(await store.ClaimAsync());

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Null(await store.ClaimAsync());
        time.Advance(TimeSpan.FromSeconds(2));
        var next = await store.ClaimAsync();
        Assert.Equal((job.Id, 2), (next!.Id, next.Attempts));
        await Assert.ThrowsAsync<LeaseLostException>(() => RunAsync(store, zombie));
        Assert.Equal(0, await store.CountAsync());

        await RunAsync(store, next);
        await AssertLoadedAsync(store, job.Id);
        await Assert.ThrowsAsync<LeaseLostException>(() => RunAsync(store, zombie));
        await AssertLoadedAsync(store, job.Id);
    }

    [Theory]
    [EachDatabase]
    public async Task A_zombie_in_mid_file_is_stopped_at_its_next_batch_and_nothing_is_doubled(Database database)
    {
        var time = new ManualTime();
        ImportStore? store = null;
        // While the third batch commits the clock jumps and another worker takes the job: the fourth is the zombie's.
        var jump = new AtCommit(3, () => time.Advance(TimeSpan.FromMinutes(5)));
        store = await OpenAsync(database, jump, time);
        await using var owned = store;
        var (job, _) = await store.EnqueueAsync(File());
        var zombie = await store.ClaimAsync();
        jump.Armed = true;
        jump.Then = async () => Assert.Equal(job.Id, (await store.ClaimAsync())!.Id);
        await Assert.ThrowsAsync<LeaseLostException>(() => RunAsync(store, zombie!));
        var taken = await store.JobAsync(job.Id);
        Assert.Equal((300, 300), (taken.RowsRead, await store.CountAsync()));

        time.Advance(TimeSpan.FromMinutes(5));
        await store.WorkAsync();
        await AssertLoadedAsync(store, job.Id);
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_not_repeated_and_the_job_goes_on()
    {
        var lost = new AtCommit(3, () => throw new Npgsql.NpgsqlException("lost", new IOException("The connection is gone.")));
        await using var store = await OpenAsync(Database.Postgres, lost, null);
        var (job, _) = await store.EnqueueAsync(File(bad: 150));
        lost.Armed = true;
        await store.WorkAsync();
        var end = await store.JobAsync(job.Id);
        Assert.Equal((ImportStatus.Succeeded, (Rows, Rows - 1, 0, 0, 1)), (end.Status, ImportStore.Counts(end)));
        Assert.Equal(Rows - 1, await store.CountAsync());
    }

    [Theory]
    [EachDatabase]
    public async Task A_job_whose_workers_die_again_and_again_fails_with_the_reason(Database database)
    {
        var time = new ManualTime();
        await using var store = await OpenAsync(database, null, time, ("MaxAttempts", "3"));
        var (job, _) = await store.EnqueueAsync(File());
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, (await store.ClaimAsync())!.Attempts);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await store.WorkAsync();
        var end = await store.JobAsync(job.Id);
        Assert.Equal(ImportStatus.Failed, end.Status);
        Assert.Contains("The workers that loaded this file died 3 times behind row 0.", end.Error);
        Assert.Empty(store.Staged);
    }

    [Theory]
    [EachDatabase]
    public async Task Cancelled_while_it_runs_it_ends_at_a_batch_and_what_was_committed_stays(Database database)
    {
        ImportStore? store = null;
        var third = new AtCommit(3, () => { });
        store = await OpenAsync(database, third, null);
        await using var owned = store;
        var (job, _) = await store.EnqueueAsync(File());
        third.Armed = true;
        third.Then = () => store.AsAsync<ImportService, ImportJob>(i => i.CancelAsync(job.Id, Token));
        Assert.True(await store.Worker.RunNextAsync(Token));
        var end = await store.JobAsync(job.Id);
        Assert.Equal((ImportStatus.Cancelled, (300, 300, 0, 0, 0)), (end.Status, ImportStore.Counts(end)));
        Assert.NotNull(end.FinishedAt);
        Assert.Equal(300, await store.CountAsync());
        Assert.Empty(store.Staged);
        Assert.False(await store.Worker.RunNextAsync(Token));
    }

    [Theory]
    [EachDatabase]
    public async Task Cancelled_while_it_waits_it_never_runs_and_a_finished_one_stays_as_it_is(Database database)
    {
        await using var store = await OpenAsync(database, null, null);
        var (job, _) = await store.EnqueueAsync(File());
        await store.AsAsync<ImportService, ImportJob>(i => i.CancelAsync(job.Id, Token));
        await store.WorkAsync();
        Assert.Equal((ImportStatus.Cancelled, 0), ((await store.JobAsync(job.Id)).Status, await store.CountAsync()));
        Assert.Empty(store.Staged);

        // A cancelled file is no file that was loaded: it can be sent again.
        var (again, isNew) = await store.EnqueueAsync(File());
        Assert.True(isNew);
        await store.WorkAsync();
        var after = await store.AsAsync<ImportService, ImportJob>(i => i.CancelAsync(again.Id, Token));
        Assert.Equal((ImportStatus.Succeeded, false), (after.Status, after.CancelRequested));
    }

    [Theory]
    [EachDatabase]
    public async Task Several_workers_of_one_process_run_each_job_once(Database database)
    {
        await using var store = await OpenAsync(database, null, null);
        var jobs = new List<Guid>();
        for (int i = 0; i < 12; i++)
        {
            jobs.Add((await store.EnqueueAsync(File(prefix: $"f{i}-"))).Job.Id);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(store.WorkAsync, Token)));
        foreach (var id in jobs)
        {
            var end = await store.JobAsync(id);
            Assert.Equal((ImportStatus.Succeeded, (Rows, Rows, 0, 0, 0), 1), (end.Status, ImportStore.Counts(end), end.Attempts));
        }

        Assert.Equal(12 * Rows, await store.CountAsync());
    }

    private static Task<ImportStore> OpenAsync(Database database, AtCommit? interceptor, TimeProvider? time, params (string Name, string Value)[] settings) =>
        ImportStore.OpenAsync(database, time, interceptor is null ? null : interceptor.AddTo, [("BatchRows", "100"), .. settings.Any(s => s.Name == "SqliteBatches") ? [] : OneBatch, .. settings]);

    private static string File(string prefix = "", int bad = -1)
    {
        var csv = new StringBuilder("campaignId,spend,impressions\n");
        for (int i = 0; i < Rows; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{prefix}{i},{i / 100m},{(i == bad ? "none" : i + "")}\n");
        }

        return csv.ToString();
    }

    private static Task RunAsync(ImportStore store, ImportJob job) => store.AsAsync<ImportRunner, int>(async r =>
    {
        await r.RunAsync(job, Token);
        return 0;
    });

    // An import's own commits do not; whoever gets one of its connections from the pool must not inherit that.
    private static async Task AssertCommitsWaitForTheDiskAsync(ImportStore store)
    {
        const long Full = 2;
        var scopes = new List<AsyncServiceScope>();
        for (int i = 0; i < 8; i++)
        {
            scopes.Add(store.Services.CreateAsyncScope());
            var database = scopes[^1].ServiceProvider.GetRequiredService<StoreContext>().Database;
            await database.OpenConnectionAsync(Token);
            await using var command = database.GetDbConnection().CreateCommand();
            command.CommandText = "PRAGMA synchronous";
            Assert.Equal(Full, await command.ExecuteScalarAsync(Token));
        }

        foreach (var scope in scopes)
        {
            await scope.DisposeAsync();
        }
    }

    private static async Task AssertLoadedAsync(ImportStore store, Guid id)
    {
        var end = await store.JobAsync(id);
        Assert.Equal((ImportStatus.Succeeded, (Rows, Rows, 0, 0, 0)), (end.Status, ImportStore.Counts(end)));
        var rows = await store.CampaignsAsync();
        Assert.Equal(Rows, rows.Length);
        Assert.Equal(Rows, rows.Select(r => r.CampaignId).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, Rows).Sum(i => i / 100m), rows.Sum(r => r.Spend));
        Assert.All(rows, r => Assert.Equal(1, r.Revision));
        Assert.Empty(store.Staged);
    }

    /// <summary>Does something once, behind the n-th commit of rows.</summary>
    private sealed class AtCommit(int commit, Action act) : DbTransactionInterceptor
    {
        private int _commits;

        /// <summary>Off while the schema is made and the file is queued.</summary>
        public bool Armed { get; set; }

        public Func<Task> Then { get; set; } = () => Task.CompletedTask;

        public void AddTo(IServiceCollection services)
        {
            services.ConfigureDbContext<SqliteContext>(o => o.AddInterceptors(this));
            services.ConfigureDbContext<PostgresContext>(o => o.AddInterceptors(this));
        }

        public override async Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (Armed && ++_commits == commit)
            {
                act();
                await Then();
            }
        }
    }
}
