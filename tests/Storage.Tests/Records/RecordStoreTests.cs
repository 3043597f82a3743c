using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

public sealed class RecordStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_record_comes_back_as_it_was_stored_with_what_the_engine_adds(Database database)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(1_234_567));
        await using var store = await TestStore.OpenAsync(database, time);
        var made = await store.Get<RecordStore<Campaign>>().CreateAsync(Make("a"), Token);
        var read = await store.Get<RecordStore<Campaign>>().FindAsync(made.Id, Token);
        Assert.Equal(1, read.Revision);
        Assert.Equal(made.CreatedAt, read.CreatedAt);
        Assert.Equal(new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(1_234_560), read.CreatedAt);
        Assert.Equal(DateTimeKind.Utc, read.CreatedAt.Kind);
        Assert.Equal((12.34m, 1_000L, "acme"), (read.Spend, read.Impressions, read.Tenant));
    }

    [Theory]
    [EachDatabase]
    public async Task Another_tenants_record_cannot_be_seen_changed_or_deleted(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await store.Get<RecordStore<Campaign>>("acme").CreateAsync(Make("a"), Token);
        var other = store.Get<RecordStore<Campaign>>("globex");
        await ThrowsAsync(ProblemKind.NotFound, () => other.FindAsync(made.Id, Token));
        await ThrowsAsync(ProblemKind.NotFound, () => other.UpdateAsync(made.Id, null, c => c.Spend = 0, Token));
        await ThrowsAsync(ProblemKind.NotFound, () => other.DeleteAsync(made.Id, null, null, Token));
        await ThrowsAsync(ProblemKind.NotFound, () => other.RestoreAsync(made.Id, Token));
        Assert.Equal(0, await other.Query.CountAsync(Token));
        await other.CreateAsync(Make("a"), Token);
        Assert.Equal(1, (await store.Get<RecordStore<Campaign>>("acme").FindAsync(made.Id, Token)).Revision);
    }

    [Theory]
    [EachDatabase]
    public async Task A_key_is_taken_until_its_record_is_deleted_and_a_restore_then_conflicts(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var records = store.Get<RecordStore<Campaign>>();
        var first = await records.CreateAsync(Make("a"), Token);
        var taken = await ThrowsAsync(ProblemKind.Conflict, () => records.CreateAsync(Make("a"), Token));
        Assert.Contains("'a'", taken.Message, StringComparison.Ordinal);
        await records.DeleteAsync(first.Id, null, "a test", Token);
        await ThrowsAsync(ProblemKind.NotFound, () => records.FindAsync(first.Id, Token));
        var second = await records.CreateAsync(Make("a"), Token);
        await ThrowsAsync(ProblemKind.Conflict, () => records.RestoreAsync(first.Id, Token));
        await records.DeleteAsync(second.Id, null, null, Token);
        var back = await records.RestoreAsync(first.Id, Token);
        Assert.Equal(3, back.Revision);
        Assert.Equal(3, (await records.FindAsync(first.Id, Token)).Revision);
    }

    [Theory]
    [EachDatabase]
    public async Task A_deleted_record_keeps_when_who_and_why(Database database)
    {
        var time = new ManualTime();
        await using var store = await TestStore.OpenAsync(database, time);
        var services = store.For("acme", actor: "k123");
        var records = services.GetRequiredService<RecordStore<Campaign>>();
        var made = await records.CreateAsync(Make("a"), Token);
        time.Advance(TimeSpan.FromMinutes(3));
        await records.DeleteAsync(made.Id, 1, "sent twice", Token);
        var kept = await services.GetRequiredService<StoreContext>().Set<Campaign>().IgnoreQueryFilters([StoreContext.DeletedFilter]).AsNoTracking().SingleAsync(Token);
        Assert.Equal((time.GetUtcNow().UtcDateTime, "k123", "sent twice", 2L), (kept.DeletedAt, kept.DeletedBy, kept.DeleteReason, kept.Revision));
    }

    [Theory]
    [EachDatabase]
    public async Task Each_change_raises_the_revision_and_no_change_leaves_it(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var records = store.Get<RecordStore<Campaign>>();
        var made = await records.CreateAsync(Make("a"), Token);
        Assert.Equal(2, (await records.UpdateAsync(made.Id, null, c => c.Spend = 5, Token)).Revision);
        Assert.Equal(2, (await records.UpdateAsync(made.Id, 2, c => c.Spend = 5, Token)).Revision);
        Assert.Equal(3, (await records.UpdateAsync(made.Id, 2, c => c.Spend = 6, Token)).Revision);
        var stale = await ThrowsAsync(ProblemKind.Stale, () => records.UpdateAsync(made.Id, 2, c => c.Spend = 7, Token));
        Assert.Contains("revision 3", stale.Message, StringComparison.Ordinal);
        Assert.Equal(6, (await records.FindAsync(made.Id, Token)).Spend);
    }

    [Theory]
    [EachDatabase]
    public async Task Of_two_writers_that_both_saw_a_revision_one_wins_and_the_other_is_told(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await store.Get<RecordStore<Campaign>>().CreateAsync(Make("a"), Token);
        var second = store.Get<RecordStore<Campaign>>();
        // The second writer comes in between the first one's read and write.
        var lost = await ThrowsAsync(ProblemKind.Stale, () => store.Get<RecordStore<Campaign>>().UpdateAsync(made.Id, 1, c =>
        {
            Finish(second.UpdateAsync(made.Id, 1, other => other.Spend = 2, Token));
            c.Spend = 1;
        }, Token));
        Assert.Equal(412, lost.Kind.Status);
        var kept = await second.FindAsync(made.Id, Token);
        Assert.Equal((2m, 2L), (kept.Spend, kept.Revision));
    }

    [Theory]
    [EachDatabase]
    public async Task Without_an_expected_revision_a_lost_race_is_run_again_on_what_is_stored(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await store.Get<RecordStore<Campaign>>().CreateAsync(Make("a"), Token);
        var other = store.Get<RecordStore<Campaign>>();
        int calls = 0;
        var changed = await store.Get<RecordStore<Campaign>>().UpdateAsync(made.Id, null, c =>
        {
            if (calls++ < RecordStore<Campaign>.Retries)
            {
                Finish(other.UpdateAsync(made.Id, null, o => o.Clicks = (o.Clicks ?? 0) + 1, Token));
            }

            c.Spend = 99;
        }, Token);
        Assert.Equal((99m, 3L, 5L), (changed.Spend, changed.Clicks, changed.Revision));
        Assert.Equal(RecordStore<Campaign>.Retries + 1, calls);
    }

    [Theory]
    [EachDatabase]
    public async Task A_race_that_is_lost_every_time_ends_as_stale(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await store.Get<RecordStore<Campaign>>().CreateAsync(Make("a"), Token);
        var other = store.Get<RecordStore<Campaign>>();
        int calls = 0;
        await ThrowsAsync(ProblemKind.Stale, () => store.Get<RecordStore<Campaign>>().UpdateAsync(made.Id, null, c =>
        {
            calls++;
            Finish(other.UpdateAsync(made.Id, null, o => o.Clicks = calls, Token));
            c.Spend = calls;
        }, Token));
        Assert.Equal(RecordStore<Campaign>.Retries + 1, calls);
    }

    [Theory]
    [EachDatabase]
    public async Task Eight_writers_at_once_lose_no_change_that_was_answered(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await store.Get<RecordStore<Campaign>>().CreateAsync(Make("a"), Token);
        var writers = Enumerable.Range(0, 8).Select(_ => store.Get<RecordStore<Campaign>>()).ToList();
        var answered = await Task.WhenAll(writers.Select(writer => Task.Run(async () =>
        {
            int done = 0;
            for (int i = 0; i < 5; i++)
            {
                try
                {
                    await writer.UpdateAsync(made.Id, null, c => c.Impressions++, Token);
                    done++;
                }
                catch (ProblemException e) when (e.Kind == ProblemKind.Stale)
                {
                    // Told so: not counted.
                }
            }

            return done;
        })));
        var kept = await writers[0].FindAsync(made.Id, Token);
        Assert.Equal(1_000 + answered.Sum(), kept.Impressions);
        Assert.Equal(1 + answered.Sum(), kept.Revision);
    }

    internal static Campaign Make(string key) =>
        new() { NaturalKey = key, CampaignId = key, CampaignName = key, Platform = "p", Channel = "c", Spend = 12.34m, Impressions = 1_000 };

    internal static async Task<ProblemException> ThrowsAsync(ProblemKind kind, Func<Task> act)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(act);
        Assert.Equal(kind, problem.Kind);
        return problem;
    }

    // The change is a plain function; what happens in the middle of it must have ended before it goes on.
    private static void Finish(Task task) => Task.WaitAll(task);
}
