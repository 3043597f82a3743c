using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

public sealed class BulkWriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Random_batches_in_all_modes_leave_what_a_dictionary_would_hold(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var context = store.For("acme").GetRequiredService<StoreContext>();
        var writer = new BulkWriter<Campaign>(context);
        var other = await new BulkWriter<Campaign>(store.For("globex").GetRequiredService<StoreContext>()).WriteAsync([Row("k1", 1)], ConflictMode.Reject, null, Token);
        Assert.Equal(1, other.Inserted);
        var model = new Dictionary<string, (decimal Spend, long Revision, Guid Id)>();
        var random = new Random(11);
        for (int batch = 0; batch < 60; batch++)
        {
            var mode = (ConflictMode)random.Next(3);
            // Batches of many and of few keys: with and without conflicts, and with duplicates inside.
            int keys = random.Next(4) == 0 ? 1_000_000 : 40;
            var rows = Enumerable.Range(0, random.Next(0, 50)).Select(_ => Row($"k{random.Next(keys)}", random.Next(1_000))).ToList();
            var result = await writer.WriteAsync(rows, mode, null, Token);
            var expected = Apply(model, rows, mode);
            Assert.Equal((expected.Inserted, expected.Updated, expected.Skipped), (result.Inserted, result.Updated, result.Skipped));
            Assert.Equal(expected.Rejected, result.Rejected);
            Assert.Equal(rows.Count, result.Inserted + result.Updated + result.Skipped + result.Rejected.Count);
        }

        var stored = await context.Set<Campaign>().AsNoTracking().ToListAsync(Token);
        Assert.Equal(model.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => (m.Key, m.Value.Spend, m.Value.Revision, m.Value.Id)),
            stored.OrderBy(s => s.NaturalKey, StringComparer.Ordinal).Select(s => (s.NaturalKey, s.Spend!.Value, s.Revision, s.Id)));
    }

    [Theory]
    [EachDatabase]
    public async Task An_update_of_named_properties_leaves_the_others(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var context = store.For("acme").GetRequiredService<StoreContext>();
        var writer = new BulkWriter<Campaign>(context);
        await writer.WriteAsync([Row("a", 1)], ConflictMode.Update, null, Token);
        var second = Row("a", 2);
        second.Clicks = 77;
        await writer.WriteAsync([second], ConflictMode.Update, new HashSet<string> { nameof(Campaign.Spend) }, Token);
        var kept = await context.Set<Campaign>().AsNoTracking().SingleAsync(Token);
        Assert.Equal((2m, null, 2L), (kept.Spend, kept.Clicks, kept.Revision));
    }

    [Theory]
    [EachDatabase]
    public async Task Every_kind_of_value_comes_back_as_it_was_written(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var context = store.For("acme").GetRequiredService<StoreContext>();
        var row = Row("ключ|\\|🎯", 0.1234567890123456789012345m);
        row.CampaignName = new string('ü', 500);
        row.Impressions = long.MaxValue;
        row.Date = new DateTime(1931, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(60);
        row.AdditionalData = """{"a": [1, {"b": null}], "ü": "🎯"}""";
        await new BulkWriter<Campaign>(context).WriteAsync([row], ConflictMode.Reject, null, Token);
        var kept = await context.Set<Campaign>().AsNoTracking().SingleAsync(Token);
        Assert.Equal((row.NaturalKey, row.CampaignName, row.Spend, row.Impressions, row.Date), (kept.NaturalKey, kept.CampaignName, kept.Spend, kept.Impressions, kept.Date));
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(row.AdditionalData), System.Text.Json.Nodes.JsonNode.Parse(kept.AdditionalData!)));
        Assert.Null(kept.Clicks);
        Assert.Null(kept.FunnelStage);
    }

    [Theory]
    [EachDatabase]
    public async Task A_batch_in_a_transaction_that_is_rolled_back_leaves_nothing(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var context = store.For("acme").GetRequiredService<StoreContext>();
        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            var writer = new BulkWriter<Campaign>(context);
            await writer.WriteAsync([Row("a", 1), Row("b", 1)], ConflictMode.Update, null, Token);
            Assert.Equal(2, (await writer.WriteAsync([Row("a", 2), Row("c", 1), Row("c", 2)], ConflictMode.Update, null, Token)).Updated);
            await transaction.RollbackAsync(Token);
        });
        Assert.Equal(0, await context.Set<Campaign>().CountAsync(Token));
    }

    [Theory]
    [EachDatabase]
    public async Task A_deleted_record_is_no_conflict(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var services = store.For("acme");
        var records = services.GetRequiredService<RecordStore<Campaign>>();
        var made = await records.CreateAsync(Row("a", 1), Token);
        await records.DeleteAsync(made.Id, null, null, Token);
        var result = await new BulkWriter<Campaign>(services.GetRequiredService<StoreContext>()).WriteAsync([Row("a", 2)], ConflictMode.Reject, null, Token);
        Assert.Equal((1L, 0), (result.Inserted, result.Rejected.Count));
        Assert.Equal(2m, (await records.Query.SingleAsync(Token)).Spend);
    }

    private static Campaign Row(string key, decimal spend)
    {
        var row = RecordStoreTests.Make(key);
        row.Spend = spend;
        return row;
    }

    private static BulkResult Apply(Dictionary<string, (decimal Spend, long Revision, Guid Id)> model, List<Campaign> rows, ConflictMode mode)
    {
        long inserted = 0, updated = 0, skipped = 0;
        var rejected = new List<int>();
        var before = model.ToDictionary();
        foreach (var (index, row) in rows.Index())
        {
            bool stored = before.TryGetValue(row.NaturalKey, out var old);
            bool seen = model.ContainsKey(row.NaturalKey);
            if (!seen)
            {
                model[row.NaturalKey] = (row.Spend!.Value, 1, row.Id);
                inserted++;
            }
            else if (mode == ConflictMode.Update)
            {
                // A row of the batch that a later one overrules never reaches the table: the stored row changes once, a new one is the last row's.
                model[row.NaturalKey] = stored ? (row.Spend!.Value, old.Revision + 1, old.Id) : (row.Spend!.Value, 1, row.Id);
                updated++;
            }
            else if (mode == ConflictMode.Skip)
            {
                skipped++;
            }
            else
            {
                rejected.Add(index);
            }
        }

        return new BulkResult(inserted, updated, skipped, rejected);
    }
}
