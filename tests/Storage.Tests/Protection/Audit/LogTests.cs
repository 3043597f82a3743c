using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Audit;

/// <summary>How events come into the log: each once, in order, whatever commits when and whoever dies.</summary>
public sealed class LogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Events_come_into_the_log_in_order_each_once_and_it_verifies(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        for (int round = 0; round < 5; round++)
        {
            await store.LogAsync(130, $"r{round}");
            await store.Keeper.RunOnceAsync(Token);
        }

        var events = await store.EventsAsync();
        Assert.Equal(650, events.Count);
        Assert.Equal(events.Select(e => e.Id), store.Logged().Select(e => e.Id));
        var report = await store.VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal((650, 0, 0), (report.Size, report.Pending, report.Archived));
    }

    [Theory]
    [EachDatabase]
    public async Task An_event_that_the_log_has_not_taken_yet_is_pending_and_no_finding(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        Assert.Equal((0, 0), await ShapeAsync(store));
        await store.CreateAsync(2);
        Assert.Equal((0, 2), await ShapeAsync(store));
        await store.Keeper.RunOnceAsync(Token);
        await store.CreateAsync(1, "d");
        Assert.Equal((2, 1), await ShapeAsync(store));
    }

    [Fact]
    public async Task A_transaction_that_took_a_number_first_and_commits_last_is_in_the_log_and_holds_nobody_up()
    {
        await using var store = await AuditedStore.OpenAsync(Database.Postgres);
        await store.LogAsync(1, "before");
        var services = store.Store.For("acme");
        var context = services.GetRequiredService<StoreContext>();
        Guid late = default;
        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            late = (await services.GetRequiredService<RecordStore<Campaign>>().CreateAsync(new Campaign { NaturalKey = "late", CampaignId = "late" }, Token)).Id;
            for (int round = 0; round < 3; round++)
            {
                await store.LogAsync(5, $"during{round}");
            }

            Assert.Equal(16, store.Logged().Count);
            Assert.Equal(1, (await StateAsync(store)).Watermark);
            await transaction.CommitAsync(Token);
        });
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(late, store.Logged()[^1].RecordId);
        Assert.True(store.Logged()[^1].Sequence < store.Logged()[^2].Sequence);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(17, (await StateAsync(store)).Watermark);
        Assert.Equal(17, store.Logged().Select(e => e.Id).Distinct().Count());
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task A_late_transaction_is_found_by_the_process_that_takes_over_from_one_that_died_and_a_number_that_never_came_is_let_go()
    {
        await using var store = await AuditedStore.OpenAsync(Database.Postgres);
        var (late, never) = (store.Store.For("acme"), store.Store.For("acme"));
        var (lateContext, neverContext) = (late.GetRequiredService<StoreContext>(), never.GetRequiredService<StoreContext>());
        await lateContext.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var failing = await neverContext.Database.BeginTransactionAsync(Token);
            await never.GetRequiredService<RecordStore<Campaign>>().CreateAsync(new Campaign { NaturalKey = "never", CampaignId = "never" }, Token);
            await using var transaction = await lateContext.Database.BeginTransactionAsync(Token);
            await late.GetRequiredService<RecordStore<Campaign>>().CreateAsync(new Campaign { NaturalKey = "late", CampaignId = "late" }, Token);
            await store.LogAsync(3);
            await failing.RollbackAsync(Token);
            await store.LogAsync(3, "d");
            // What a process had in memory is gone with it.
            store.Keeper.Dispose();
            await store.LogAsync(3, "e");
            await transaction.CommitAsync(Token);
        });
        await store.Keeper.RunOnceAsync(Token);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal((await store.EventsAsync()).Select(e => e.Id).Order(), store.Logged().Select(e => e.Id).Order());
        Assert.Equal(11, (await StateAsync(store)).Watermark);
    }

    [Theory]
    [EachDatabase]
    public async Task Many_writers_at_once_lose_and_double_nothing(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        using var done = new CancellationTokenSource();
        var logging = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await store.Keeper.RunOnceAsync(Token);
            }
        }, Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(() => store.CreateAsync(100, $"w{w}"), Token)));
        await done.CancelAsync();
        await logging;
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal((await store.EventsAsync()).Select(e => e.Id).Order(), store.Logged().Select(e => e.Id).Order());
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [EachDatabase]
    public async Task A_crash_between_the_files_and_the_database_neither_loses_nor_doubles_an_event(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(10);
        var before = await StateAsync(store);
        await store.LogAsync(300, "d");
        store.Keeper.Dispose();
        // As it is when the process dies after the checkpoint was written and before the transaction commits.
        await store.SqlAsync($"UPDATE audit_log SET size = {before.Size}, watermark = {before.Watermark}, scan_from = {before.ScanFrom}, checkpoint = '{before.Checkpoint}'");
        await store.LogAsync(10, "e");
        Assert.Equal((await store.EventsAsync()).Select(e => e.Id), store.Logged().Select(e => e.Id));
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [EachDatabase]
    public async Task Files_written_for_a_checkpoint_that_was_never_signed_are_written_over(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(200);
        var checkpoint = store.Folder.ReadCheckpoint()!;
        var state = await StateAsync(store);
        await store.LogAsync(100, "d");
        store.Keeper.Dispose();
        // As it is when the process dies before the checkpoint: tiles are there, and the database knows of nothing. Other events come first then.
        await File.WriteAllTextAsync(store.Folder.PathOf(TilePath.Checkpoint), checkpoint, Token);
        RestorePartials(store.Folder, 200);
        await store.SqlAsync($"UPDATE audit_log SET size = {state.Size}, watermark = {state.Watermark}, scan_from = {state.ScanFrom}, checkpoint = '{state.Checkpoint}'");
        await store.LogAsync(100, "e");
        Assert.Equal(400, store.Logged().Count);
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [EachDatabase]
    public async Task A_log_whose_end_was_cut_off_is_not_signed_again_with_other_content(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(5);
        var older = store.Folder.ReadCheckpoint()!;
        await store.LogAsync(5, "d");
        store.Keeper.Dispose();
        await File.WriteAllTextAsync(store.Folder.PathOf(TilePath.Checkpoint), older, Token);
        await store.CreateAsync(1, "e");
        await store.SqlAsync("UPDATE audit_events SET actor = 'x' WHERE sequence = 8");
        var refused = await Assert.ThrowsAsync<LogDamagedException>(() => store.Keeper.RunOnceAsync(Token));
        Assert.Contains("5 events, the database says 10", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cut off", (await store.VerifyAsync()).Findings[0].What, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task Two_processes_do_not_write_one_log_at_the_same_time(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(5);
        var services = store.Store.Services;
        using var second = ActivatorUtilities.CreateInstance<AuditLogKeeper>(services);
        await store.CreateAsync(5, "d");
        Assert.Null(await second.RunOnceAsync(Token));
        store.Keeper.Dispose();
        Assert.Equal(5, await second.RunOnceAsync(Token));
    }

    [Theory]
    [EachDatabase]
    public async Task A_database_older_than_its_log_goes_on_and_the_lost_events_are_named(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(10);
        var state = await StateAsync(store);
        await store.LogAsync(3, "lost");
        store.Keeper.Dispose();
        // A copy is put back from before the last three events: their numbers are given again.
        await store.SqlAsync($"DELETE FROM audit_events WHERE sequence > 10; DELETE FROM campaigns WHERE campaign_id LIKE 'lost%'; "
            + (database == Database.Postgres ? "ALTER TABLE audit_events ALTER COLUMN sequence RESTART WITH 11; " : "UPDATE sqlite_sequence SET seq = 10 WHERE name = 'audit_events'; ")
            + $"UPDATE audit_log SET size = {state.Size}, watermark = {state.Watermark}, scan_from = {state.ScanFrom}, checkpoint = '{state.Checkpoint}'");
        await store.CreateAsync(5, "new");
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(18, store.Logged().Count);
        var report = await store.VerifyAsync();
        Assert.Equal(3, report.Findings.Count);
        Assert.All(report.Findings, f => Assert.Contains("deleted from the table", f.What, StringComparison.Ordinal));
    }

    private static async Task<AuditLogState> StateAsync(AuditedStore store)
    {
        await using var scope = store.Store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AuditLogState>().AsNoTracking().SingleAsync(Token);
    }

    private static async Task<(long, long)> ShapeAsync(AuditedStore store)
    {
        var report = await store.VerifyAsync();
        Assert.Empty(report.Findings);
        return (report.Size, report.Pending);
    }

    // The partial tiles of that size, which stay until the checkpoint that replaces them.
    private static void RestorePartials(LogFolder folder, int size)
    {
        foreach (var (full, partial) in new[] { (TilePath.Tile(0, 0), TilePath.Tile(0, 0, size)), (TilePath.Entries(0), TilePath.Entries(0, size)) })
        {
            var bytes = File.ReadAllBytes(folder.PathOf(full));
            var kept = full.StartsWith("tile/entries", StringComparison.Ordinal)
                ? EntryBundle.Read(bytes).Take(size).Aggregate(new List<byte>(), (all, e) => { EntryBundle.Add(all, e); return all; }).ToArray()
                : bytes[..(size * MerkleHash.Size)];
            Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(partial))!);
            File.WriteAllBytes(folder.PathOf(partial), kept);
        }
    }
}
