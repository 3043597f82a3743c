using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Campaigns;

public sealed class CampaignServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_batch_is_stored_whole_and_names_its_records_in_order(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        var result = await campaigns.CreateManyAsync([Draft("b", 1), Draft("a", 2), Draft("c", 3)], cancellationToken: Token);
        Assert.Equal((3L, 0L, 0L), (result.Inserted, result.Updated, result.Skipped));
        foreach (var (i, id) in new[] { "b", "a", "c" }.Index())
        {
            Assert.Equal(id, (await campaigns.GetAsync(result.Ids[i], Token)).CampaignId);
        }
    }

    [Theory]
    [EachDatabase]
    public async Task A_batch_with_faults_or_conflicts_stores_nothing_and_names_the_rows(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        await campaigns.CreateAsync(Draft("a", 1), Token);
        var bad = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => campaigns.CreateManyAsync([Draft("x", 1), Draft("y", 1) with { Impressions = -5 }, Draft("", 1)], cancellationToken: Token));
        Assert.Equal([("[1].impressions", "not-negative"), ("[2].campaignId", "required")], bad.Errors.Select(e => (e.Field, e.Rule)));
        var taken = await RecordStoreTests.ThrowsAsync(ProblemKind.Conflict, () => campaigns.CreateManyAsync([Draft("x", 1), Draft("a", 1), Draft("y", 1), Draft("x", 2)], cancellationToken: Token));
        Assert.Equal(["[1].campaignId", "[3].campaignId"], taken.Errors.Select(e => e.Field));
        await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => campaigns.CreateManyAsync([], cancellationToken: Token));
        await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => campaigns.CreateManyAsync(new CampaignDraft[10_001], cancellationToken: Token));
        Assert.Equal("a", Assert.Single((await campaigns.ListAsync(new CampaignFilter(), Page(), Token)).Items).CampaignId);
    }

    [Theory]
    [EachDatabase]
    public async Task A_batch_that_updates_or_skips_names_the_stored_records(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        var a = await campaigns.CreateAsync(Draft("a", 1), Token);
        var updated = await campaigns.CreateManyAsync([Draft("b", 5), Draft("a", 6), Draft("b", 7)], ConflictMode.Update, Token);
        Assert.Equal((1L, 2L, 0L), (updated.Inserted, updated.Updated, updated.Skipped));
        Assert.Equal((a.Id, updated.Ids[0]), (updated.Ids[1], updated.Ids[2]));
        Assert.Equal((6m, 7m), ((await campaigns.GetAsync(a.Id, Token)).Spend, (await campaigns.GetAsync(updated.Ids[0], Token)).Spend));
        var skipped = await campaigns.CreateManyAsync([Draft("a", 9), Draft("c", 9)], ConflictMode.Skip, Token);
        Assert.Equal((1L, 1L, a.Id), (skipped.Inserted, skipped.Skipped, skipped.Ids[0]));
        Assert.Equal(6m, (await campaigns.GetAsync(a.Id, Token)).Spend);
    }

    [Theory]
    [EachDatabase]
    public async Task An_import_loads_the_good_rows_and_reports_the_others(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        var rows = Enumerable.Range(0, 10_500).Select(i => Draft($"c{i}", 1) with { Clicks = i % 100 == 7 ? 11 : 5, Impressions = 10 });
        var result = await campaigns.ImportAsync(rows, ConflictMode.Update, Token);
        Assert.Equal((10_395L, 0L, 0L, 105), (result.Inserted, result.Updated, result.Skipped, result.Rejected.Count));
        Assert.Equal((7, "clicks"), (result.Rejected[0].Index, result.Rejected[0].Errors[0].Field));
        Assert.Equal(10_407, result.Rejected[^1].Index);
        var again = await campaigns.ImportAsync([Draft("c0", 2), Draft("new", 2)], ConflictMode.Reject, Token);
        Assert.Equal((1L, 0), (again.Inserted, Assert.Single(again.Rejected).Index));
    }

    [Theory]
    [EachDatabase]
    public async Task Filters_leave_what_they_say(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        DateTime At(int day, int hour = 0) => new(2026, 1, day, hour, 0, 0, DateTimeKind.Utc);
        await campaigns.CreateManyAsync(
            [
                Draft("one", 1) with { CampaignName = "Winter 100% SALE_a", Platform = "Meta", Date = At(1) },
                Draft("two", 1) with { CampaignName = "Sommer MÜNCHEN", Channel = "Search", Date = At(2, 23) },
                Draft("three", 1) with { CampaignName = "münchen im Herbst", FunnelStage = "top", Date = At(3) },
                Draft("four", 1) with { CampaignName = "plain" },
            ],
            cancellationToken: Token);
        async Task Expect(string ids, CampaignFilter filter) =>
            Assert.Equal(ids, string.Join(' ', (await campaigns.ListAsync(filter, Page() with { Sort = "createdAt" }, Token)).Items.Select(c => c.CampaignId).Order(StringComparer.Ordinal)));

        await Expect("one", new() { Platform = "Meta" });
        await Expect("", new() { Platform = "meta" });
        await Expect("two", new() { Channel = "Search" });
        await Expect("three", new() { FunnelStage = "top" });
        await Expect("four", new() { CampaignId = "four" });
        await Expect("three two", new() { Search = "München" });
        await Expect("one", new() { Search = "100% sale_" });
        await Expect("", new() { Search = "100%sale" });
        await Expect("", new() { Search = "sale%a" });
        await Expect("three two", new() { Search = "T", CampaignId = null, From = CampaignFilter.ParseFrom("2026-01-02") });
        await Expect("three two", new() { From = CampaignFilter.ParseFrom("2026-01-02") });
        await Expect("one two", new() { Before = CampaignFilter.ParseTo("2026-01-02") });
        await Expect("one", new() { Before = CampaignFilter.ParseTo("2026-01-02T23:00:00Z") });
        await Expect("one two", new() { Before = CampaignFilter.ParseTo("2026-01-03T00:30:00+01:00") });
    }

    [Theory]
    [InlineData("2026-02-30")]
    [InlineData("tomorrow")]
    [InlineData("01/02/2026")]
    public void A_date_that_is_none_is_refused(string text)
    {
        Assert.Equal("from", Assert.Single(Assert.Throws<ProblemException>(() => CampaignFilter.ParseFrom(text)).Errors).Field);
        Assert.Equal("to", Assert.Single(Assert.Throws<ProblemException>(() => CampaignFilter.ParseTo(text)).Errors).Field);
    }

    [Theory]
    [EachDatabase]
    public async Task A_patch_changes_what_it_names_and_the_default_key_follows(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        var made = await campaigns.CreateAsync(Draft("a", 10) with { Clicks = 5, Impressions = 100, Ctr = 0.05m, Platform = "Meta" }, Token);
        await campaigns.CreateAsync(Draft("b", 10) with { Platform = "Meta" }, Token);
        var patched = await campaigns.PatchAsync(made.Id, 1, d => d with { Clicks = 20 }, Token);
        Assert.Equal((20L, 0.2m, null, 2L, 10m), (patched.Clicks, patched.Ctr, patched.GivenCtr, patched.Revision, patched.Spend));
        await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => campaigns.PatchAsync(made.Id, null, d => d with { Impressions = 19 }, Token));
        await RecordStoreTests.ThrowsAsync(ProblemKind.Conflict, () => campaigns.PatchAsync(made.Id, null, d => d with { CampaignId = "b" }, Token));
        Assert.Equal("c|Meta", (await campaigns.PatchAsync(made.Id, null, d => d with { CampaignId = "c" }, Token)).NaturalKey);
        await campaigns.CreateAsync(Draft("a", 10) with { Platform = "Meta" }, Token);
    }

    private static CampaignDraft Draft(string id, decimal spend) => new() { CampaignId = id, Spend = spend };

    private static PageRequest Page() => new(null, null, null, false, "s");
}
