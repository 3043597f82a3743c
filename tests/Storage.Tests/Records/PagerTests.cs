using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

public sealed class PagerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Pages_put_together_are_the_records_in_order_for_every_sort_with_ties_and_nulls(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var rows = await FillAsync(store, 173, seed: 5);
        var records = store.Get<RecordStore<Campaign>>();
        foreach (var key in CampaignSort.Keys)
        {
            foreach (var sort in (string[])[key.Name, "-" + key.Name])
            {
                var listed = await AllAsync(records, sort, limit: 20);
                var expected = Order(rows, key.Name, sort[0] == '-', nullsAreLargest: database == Database.Postgres);
                Assert.True(expected.Select(r => r.Id).SequenceEqual(listed.Select(r => r.Id)), $"wrong order by {sort}");
            }
        }
    }

    [Theory]
    [EachDatabase]
    public async Task Records_added_while_paging_shift_nothing(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var rows = await FillAsync(store, 30, seed: 6);
        var records = store.Get<RecordStore<Campaign>>();
        var first = await records.ListAsync(null, CampaignSort.Keys, new PageRequest(null, 10, null, true, "s"), Token);
        await records.CreateAsync(RecordStoreTests.Make("newer"), Token);
        var second = await records.ListAsync(null, CampaignSort.Keys, new PageRequest(null, 100, first.NextCursor, true, "s"), Token);
        Assert.Equal(rows.OrderByDescending(r => r.Id).Select(r => r.Id), first.Items.Concat(second.Items).Select(r => r.Id));
        Assert.Equal((30L, 31L), (first.Count, second.Count));
        Assert.Null(second.NextCursor);
    }

    [Theory]
    [EachDatabase]
    public async Task A_last_page_that_is_just_full_has_no_cursor(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await FillAsync(store, 20, seed: 7);
        var page = await store.Get<RecordStore<Campaign>>().ListAsync(null, CampaignSort.Keys, new PageRequest("spend", 20, null, false, "s"), Token);
        Assert.Equal((20, null, null), (page.Items.Count, page.NextCursor, page.Count));
    }

    [Fact]
    public async Task A_cursor_that_was_edited_or_is_of_another_list_order_or_tenant_is_refused()
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        await FillAsync(store, 20, seed: 8);
        var records = store.Get<RecordStore<Campaign>>();
        var cursor = (await records.ListAsync(null, CampaignSort.Keys, new PageRequest("spend", 5, null, false, "s"), Token)).NextCursor!;
        Task<Page<Campaign>> Next(string text, string sort = "spend", string scope = "s", RecordStore<Campaign>? of = null) =>
            (of ?? records).ListAsync(null, CampaignSort.Keys, new PageRequest(sort, 5, text, false, scope), Token);

        Assert.Equal(5, (await Next(cursor)).Items.Count);
        for (int i = 0; i < cursor.Length; i++)
        {
            // A bit that base64url keeps: the last character's lower ones may not count.
            var edited = cursor[..i] + (cursor[i] == 'A' ? 'Q' : 'A') + cursor[(i + 1)..];
            await RecordStoreTests.ThrowsAsync(ProblemKind.InvalidCursor, () => Next(edited));
        }

        await RecordStoreTests.ThrowsAsync(ProblemKind.InvalidCursor, () => Next("not a cursor!"));
        await RecordStoreTests.ThrowsAsync(ProblemKind.InvalidCursor, () => Next(cursor, sort: "-spend"));
        await RecordStoreTests.ThrowsAsync(ProblemKind.InvalidCursor, () => Next(cursor, sort: "clicks"));
        await RecordStoreTests.ThrowsAsync(ProblemKind.InvalidCursor, () => Next(cursor, scope: "other"));
        await RecordStoreTests.ThrowsAsync(ProblemKind.InvalidCursor, () => Next(cursor, of: store.Get<RecordStore<Campaign>>("globex")));
    }

    [Theory]
    [InlineData("limit", null, 0)]
    [InlineData("limit", null, 1001)]
    [InlineData("sort", "naturalKey", 10)]
    [InlineData("sort", "-", 10)]
    public async Task A_limit_or_sort_that_is_not_allowed_is_named(string field, string? sort, int limit)
    {
        await using var store = await TestStore.OpenAsync(Database.Sqlite);
        var problem = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () =>
            store.Get<RecordStore<Campaign>>().ListAsync(null, CampaignSort.Keys, new PageRequest(sort, limit, null, false, "s"), Token));
        Assert.Equal(field, Assert.Single(problem.Errors).Field);
    }

    internal static async Task<List<Campaign>> FillAsync(TestStore store, int count, int seed)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, count).Select(i => RandomCampaign(random, i)).ToList();
        await new BulkWriter<Campaign>(store.For("acme").GetRequiredService<StoreContext>()).WriteAsync(rows, ConflictMode.Reject, null, Token);
        return rows;
    }

    // Few different values, so that there are ties; a third of them null.
    private static Campaign RandomCampaign(Random random, int i)
    {
        string[] names = ["alpha", "Beta", "beta", "émile", "zz", "10", "9", "a b"];
        decimal? Amount() => random.Next(3) == 0 ? null : random.Next(-5, 12) * 1.5m + (random.Next(4) == 0 ? 0.001m : 0);
        long? Count() => random.Next(3) == 0 ? null : random.Next(12) * (random.Next(3) == 0 ? 1_000_000_000L : 1);
        return new Campaign
        {
            NaturalKey = $"k{i}",
            CampaignId = $"c{i % 7}",
            CampaignName = names[random.Next(names.Length)],
            Platform = "p",
            Channel = "c",
            Spend = Amount(),
            Revenue = Amount(),
            Conversions = Amount(),
            Clicks = Count(),
            Impressions = Count(),
            Date = random.Next(3) == 0 ? null : new DateTime(1969, 12, 28, 0, 0, 0, DateTimeKind.Utc).AddDays(random.Next(9)).AddHours(random.Next(2)),
        };
    }

    private static async Task<List<Campaign>> AllAsync(RecordStore<Campaign> records, string sort, int limit)
    {
        var all = new List<Campaign>();
        string? cursor = null;
        do
        {
            var page = await records.ListAsync(null, CampaignSort.Keys, new PageRequest(sort, limit, cursor, false, "s"), Token);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null && all.Count < 10_000);
        return all;
    }

    private static IEnumerable<Campaign> Order(List<Campaign> rows, string key, bool descending, bool nullsAreLargest)
    {
        IComparable? Value(Campaign c) => key switch
        {
            "createdAt" => c.Id,
            "updatedAt" => c.UpdatedAt,
            "date" => c.Date,
            "campaignName" => new Utf8Order(c.CampaignName),
            "spend" => c.Spend,
            "impressions" => c.Impressions,
            "clicks" => c.Clicks,
            "conversions" => c.Conversions,
            "revenue" => c.Revenue,
            _ => throw new ArgumentOutOfRangeException(nameof(key)),
        };
        var comparer = Comparer<IComparable?>.Create((a, b) => (a, b) switch
        {
            (null, null) => 0,
            (null, _) => nullsAreLargest ? 1 : -1,
            (_, null) => nullsAreLargest ? -1 : 1,
            var (x, y) => x.CompareTo(y),
        });
        return descending ? rows.OrderByDescending(Value, comparer).ThenByDescending(c => c.Id) : rows.OrderBy(Value, comparer).ThenBy(c => c.Id);
    }

    private readonly record struct Utf8Order(string Text) : IComparable
    {
        public int CompareTo(object? obj) =>
            System.Text.Encoding.UTF8.GetBytes(Text).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(((Utf8Order)obj!).Text));
    }
}
