using System.Diagnostics.Metrics;
using System.Text.Json;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Direct;
using CloudStore.Storage.Records.Lists;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Tests.Records.Direct;

/// <summary>What goes straight through the driver is what Entity Framework would have read and written.</summary>
public sealed class DirectCommandsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Every_type_of_column_is_read_and_written_as_Entity_Framework_does(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaign = Full();
        var analysis = new Analysis { Type = AnalysisType.Rag, Status = AnalysisStatus.Failed, Insights = "[1, 2]", ExecutionTime = 1.25, CompletedAt = Noon };
        var usage = new LlmUsage { Provider = "p", Model = "m", PromptTokens = 1, Cost = 0.000_001m, At = Noon };
        await SameAsync(store, campaign);
        await SameAsync(store, new Campaign { CampaignId = "bare", CampaignName = "", Platform = "x", Channel = "y", NaturalKey = "bare" });
        await SameAsync(store, analysis);
        await SameAsync(store, usage);
    }

    [Theory]
    [EachDatabase]
    public async Task They_belong_to_the_contexts_transaction(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var context = store.Get<StoreContext>();
        var record = Full();
        context.Stamp(record);
        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            await context.InsertAsync(record, Token);
            Assert.NotNull(await context.ReadOneAsync<Campaign>(record.Id, Token));
        });
        Assert.Null(await context.ReadOneAsync<Campaign>(record.Id, Token));
    }

    [Theory]
    [EachDatabase]
    public async Task A_page_holds_the_records_of_its_query_in_their_order(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        for (int i = 0; i < 5; i++)
        {
            var campaign = Full();
            (campaign.NaturalKey, campaign.Spend) = ($"k{i}", i % 3);
            await store.Get<RecordStore<Campaign>>().CreateAsync(campaign, Token);
        }

        var page = await store.Get<CampaignService>().ListAsync(new CampaignFilter { Platform = "meta" }, new PageRequest("-spend", 3, null, false, ""), Token);
        Assert.Equal([2m, 1m, 1m], page.Items.Select(c => c.Spend!.Value));
        Assert.NotNull(page.NextCursor);
    }

    [Theory]
    [EachDatabase]
    public async Task They_are_measured_as_other_commands_are(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var records = store.Get<RecordStore<Campaign>>();
        var ours = new AsyncLocal<bool> { Value = true };
        int measured = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument is { Meter.Name: "CloudStore.Records", Name: "cloudstore.records.query.duration" })
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        // Other tests' commands are measured on the same meter; those of this test's flow alone count.
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            if (ours.Value)
            {
                Interlocked.Increment(ref measured);
            }
        });
        listener.Start();
        var made = await records.CreateAsync(Full(), Token);
        await records.FindAsync(made.Id, Token);
        await store.Get<CampaignService>().ListAsync(new CampaignFilter(), new PageRequest(null, null, null, false, ""), Token);
        Assert.Equal(3, measured);
    }

    private static DateTime Noon => new DateTime(2026, 1, 2, 12, 0, 0, DateTimeKind.Utc).AddTicks(1_234_560);

    private static async Task SameAsync<T>(TestStore store, T record)
        where T : CloudStore.Storage.Records.Record
    {
        var made = await store.Get<RecordStore<T>>().CreateAsync(record, Token);
        var context = store.Get<StoreContext>();
        var theirs = await context.Set<T>().AsNoTracking().SingleAsync(r => r.Id == made.Id, Token);
        var ours = await context.ReadOneAsync<T>(made.Id, Token);
        var listed = Assert.Single(await context.ReadAsync(context.Set<T>().AsNoTracking().Where(r => r.Id == made.Id), 1, Token));
        Assert.Equivalent(theirs, ours, strict: true);
        Assert.Equivalent(theirs, listed, strict: true);
        Assert.Equal(JsonSerializer.Serialize(theirs), JsonSerializer.Serialize(ours));
    }

    private static Campaign Full() => new()
    {
        NaturalKey = "k",
        CampaignId = "c",
        CampaignName = "Ünïcode \U0001F600",
        Platform = "meta",
        Channel = "social",
        Spend = 12_345_678_901_234.560m,
        Impressions = long.MaxValue,
        Clicks = 0,
        Conversions = -0.5m,
        Revenue = 0.0000001m,
        GivenCtr = 1.5m,
        Date = Noon,
        FunnelStage = "top",
        AdditionalData = "{\"a\": [1, null, \"b\"]}",
    };
}
