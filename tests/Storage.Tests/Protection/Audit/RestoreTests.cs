using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Audit;

/// <summary>A log whose folder is lost is written anew from the table, to the very root that was signed; or not at all, and it is said why.</summary>
public sealed class RestoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_lost_folder_is_written_anew_and_leads_to_the_same_root(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(300);
        await store.LogAsync(7, "d");
        var (before, root) = (store.Logged().Select(e => e.Id).ToList(), Root(store));
        Lose(store);
        Assert.Equal(0, await store.Keeper.RunOnceAsync(Token));
        Assert.Equal(root, Root(store));
        Assert.Equal(before, store.Logged().Select(e => e.Id));
        await store.LogAsync(300, "e");
        Assert.Equal(607, store.Logged().Count);
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [EachDatabase]
    public async Task A_folder_that_is_lost_while_the_keeper_runs_is_written_anew(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(20);
        Directory.Delete(store.Folder.FullPath, recursive: true);
        await store.LogAsync(5, "d");
        Assert.Equal((await store.EventsAsync()).Select(e => e.Id), store.Logged().Select(e => e.Id));
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [EachDatabase]
    public async Task An_older_copy_of_the_folder_is_brought_up_to_date(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(290);
        store.Keeper.Dispose();
        var copy = $"{store.Folder.FullPath}-copy";
        Copy(store.Folder.FullPath, copy);
        await store.LogAsync(500, "d");
        var root = Root(store);
        Lose(store);
        Copy(copy, store.Folder.FullPath);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(root, Root(store));
        Assert.Equal((await store.EventsAsync()).Select(e => e.Id), store.Logged().Select(e => e.Id));
        Assert.Empty((await store.VerifyAsync()).Findings);
        Assert.False(Directory.Exists(store.Folder.PathOf("tile/0/001.p")));
    }

    [Theory]
    [EachDatabase]
    public async Task A_lost_folder_is_not_written_anew_from_an_event_that_was_edited_which_is_named(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(600);
        var root = Root(store);
        var edited = (await store.EventsAsync())[570];
        Lose(store);
        await store.SqlAsync($"UPDATE audit_events SET actor = 'nobody' WHERE sequence = {edited.Sequence}");
        await store.CreateAsync(1, "later");
        var refused = await Assert.ThrowsAsync<LogDamagedException>(() => store.Keeper.RunOnceAsync(Token));
        Assert.Contains($"{edited.Id}, sequence {edited.Sequence}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, Checkpoint.Open(store.Folder.ReadCheckpoint()!, store.Verifier)!.Size);
        // Once that is undone, what the first attempt left does no harm.
        await store.SqlAsync($"UPDATE audit_events SET actor = '{edited.Actor}' WHERE sequence = {edited.Sequence}");
        Assert.Equal(1, await store.Keeper.RunOnceAsync(Token));
        Assert.Empty((await store.VerifyAsync()).Findings);
        Assert.NotEqual(root, Root(store));
    }

    [Theory]
    [InlineData(Database.Sqlite, "DELETE FROM audit_events WHERE sequence = 5", "deleted")]
    [InlineData(Database.Postgres, "DELETE FROM audit_events WHERE sequence = 5", "deleted")]
    [InlineData(Database.Sqlite, "UPDATE audit_events SET sequence = 1000 WHERE sequence = 5", "moved")]
    [InlineData(Database.Postgres, "UPDATE audit_events SET sequence = 1000 WHERE sequence = 5", "moved")]
    [InlineData(Database.Sqlite, "INSERT INTO audit_late (log_index, sequence) VALUES (3, 9)", "moved")]
    [InlineData(Database.Postgres, "UPDATE audit_log SET checkpoint = replace(checkpoint, 'a', 'b')", "not signed")]
    public async Task Nor_from_rows_that_were_deleted_moved_or_told_of_wrongly(Database database, string edit, string why)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(20);
        Lose(store);
        await store.SqlAsync(edit);
        Assert.Contains(why, (await Assert.ThrowsAsync<LogDamagedException>(() => store.Keeper.RunOnceAsync(Token))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task A_row_that_the_log_never_took_is_not_in_the_way(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(5);
        var id = database == Database.Postgres ? "gen_random_uuid()" : "randomblob(16)";
        await store.SqlAsync($"INSERT INTO audit_events (id, tenant, at, actor, action, mac) SELECT {id}, tenant, at, 'somebody', action, mac FROM audit_events WHERE sequence = 5");
        await store.LogAsync(5, "d");
        var root = Root(store);
        Lose(store);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(root, Root(store));
        Assert.Equal(10, store.Logged().Count);
    }

    [Theory]
    [EachDatabase]
    public async Task Archived_events_come_back_as_hashes_and_with_the_archive_whole(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(700);
        Assert.Equal(512, await store.ArchiveAsync(TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1)));
        await store.LogAsync(30, "d");
        var root = Root(store);
        var archive = $"{store.Folder.FullPath}-archive";
        Copy(store.Folder.PathOf(LogFolder.Archive), archive);
        Lose(store);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(root, Root(store));
        await store.LogAsync(300, "e");
        var report = await store.VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal((512, 512), (report.Archived, report.HashesOnly));

        Copy(archive, store.Folder.PathOf(LogFolder.Archive));
        report = await store.VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal(0, report.HashesOnly);

        Lose(store);
        await store.SqlAsync($"UPDATE audit_archived_tiles SET hashes = {(database == Database.Postgres ? "set_byte(hashes, 7, 255 - get_byte(hashes, 7))" : "zeroblob(8192)")} WHERE bundle = 1");
        await Assert.ThrowsAsync<LogDamagedException>(() => store.Keeper.RunOnceAsync(Token));
    }

    [Theory]
    [EachDatabase]
    public async Task A_log_of_an_older_version_is_noted_once_and_then_written_anew_as_well(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(700);
        await store.ArchiveAsync(TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1));
        await store.LogAsync(30, "d");
        store.Keeper.Dispose();
        await store.SqlAsync("DELETE FROM audit_archived_tiles");
        await store.SqlAsync("DELETE FROM audit_late");
        await store.SqlAsync("UPDATE audit_log SET gaps = NULL");
        await store.Keeper.RunOnceAsync(Token);
        var root = Root(store);
        Lose(store);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(root, Root(store));
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_that_came_late_stand_where_they_stood_and_those_still_to_come_are_not_taken_for_them(bool byAnOlderVersion)
    {
        await using var store = await AuditedStore.OpenAsync(Database.Postgres);
        await store.LogAsync(3, "before");
        var (late, pending) = (store.Store.For("acme"), store.Store.For("acme"));
        var (lateContext, pendingContext) = (late.GetRequiredService<StoreContext>(), pending.GetRequiredService<StoreContext>());
        List<Guid> before = [];
        await lateContext.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var first = await lateContext.Database.BeginTransactionAsync(Token);
            await late.GetRequiredService<RecordStore<Campaign>>().CreateAsync(new Campaign { NaturalKey = "late", CampaignId = "late" }, Token);
            await using var second = await pendingContext.Database.BeginTransactionAsync(Token);
            await pending.GetRequiredService<RecordStore<Campaign>>().CreateAsync(new Campaign { NaturalKey = "pending", CampaignId = "pending" }, Token);
            await store.LogAsync(5, "during");
            await first.CommitAsync(Token);
            await store.LogAsync(5, "after");
            if (byAnOlderVersion)
            {
                store.Keeper.Dispose();
                await store.SqlAsync("DELETE FROM audit_late; UPDATE audit_log SET gaps = NULL");
                await store.Keeper.RunOnceAsync(Token);
            }

            before = [.. store.Logged().Select(e => e.Id)];
            Lose(store);
            await second.CommitAsync(Token);
        });
        var root = await store.Store.Postgres.ScalarAsync("SELECT split_part(checkpoint, E'\\n', 3) FROM audit_log", Token);
        Assert.Equal(14, before.Count);
        Assert.Equal(1, await store.Keeper.RunOnceAsync(Token));
        Assert.Equal(before, store.Logged().Select(e => e.Id).Take(14));
        Assert.Equal(15, store.Logged().Count);
        Assert.Equal(root, Convert.ToBase64String(store.Folder.Tree(15).Root(14)));
        Assert.Empty((await store.VerifyAsync()).Findings);
    }

    [Theory]
    [InlineData("", new long[0])]
    [InlineData("5", new long[] { 5 })]
    [InlineData("5,9-12,14", new long[] { 5, 9, 10, 11, 12, 14 })]
    public void Gaps_are_written_as_ranges_and_read_back(string text, long[] gaps)
    {
        Assert.Equal(text, AuditGaps.Write(gaps));
        var ranges = AuditGaps.Parse(text);
        Assert.Equal(gaps, Enumerable.Range(0, 20).Select(n => (long)n).Where(n => AuditGaps.Contains(ranges, n)));
    }

    private static byte[] Root(AuditedStore store) => Checkpoint.Open(store.Folder.ReadCheckpoint()!, store.Verifier)!.Root;

    // As it is when the process's container is replaced.
    private static void Lose(AuditedStore store)
    {
        store.Keeper.Dispose();
        Directory.Delete(store.Folder.FullPath, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
