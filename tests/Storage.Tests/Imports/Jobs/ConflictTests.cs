using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Imports.Jobs;

/// <summary>Rows whose key is there already, in the table, in an earlier batch or in the same batch.</summary>
public sealed class ConflictTests
{
    private const string Before = "campaignId,spend\na,1\nb,2\n";

    /// <summary>In batches of three rows: a and b are in the table, c comes twice over two batches, d again in a batch of its own.</summary>
    private const string Changes = "campaignId,spend\na,9\nb,8\nc,7\nc,6\nd,5\na,4\nd,3\nx,none at all\n";

    [Theory]
    [EachDatabase]
    public async Task Update_keeps_the_last_row_of_each_key(Database database)
    {
        await using var store = await LoadedAsync(database);
        var job = await store.LoadAsync(Changes, new ImportOptions { OnConflict = ConflictMode.Update });
        Assert.Equal((ImportStatus.Succeeded, (8, 2, 5, 0, 1)), (job.Status, ImportStore.Counts(job)));
        Assert.Equal(["a 4", "b 8", "c 6", "d 3"], await RowsAsync(store));
    }

    [Theory]
    [EachDatabase]
    public async Task Skip_keeps_the_first_row_of_each_key(Database database)
    {
        await using var store = await LoadedAsync(database);
        var job = await store.LoadAsync(Changes, new ImportOptions { OnConflict = ConflictMode.Skip });
        Assert.Equal((ImportStatus.Succeeded, (8, 2, 0, 5, 1)), (job.Status, ImportStore.Counts(job)));
        Assert.Equal(["a 1", "b 2", "c 7", "d 5"], await RowsAsync(store));
    }

    [Theory]
    [EachDatabase]
    public async Task Reject_keeps_the_first_row_of_each_key_and_gives_the_others_back(Database database)
    {
        await using var store = await LoadedAsync(database);
        var job = await store.LoadAsync(Changes, new ImportOptions { OnConflict = ConflictMode.Reject });
        Assert.Equal((ImportStatus.Succeeded, (8, 2, 0, 0, 6)), (job.Status, ImportStore.Counts(job)));
        Assert.Equal(["a 1", "b 2", "c 7", "d 5"], await RowsAsync(store));
        const string exists = "A row with this key exists.";
        Assert.Equal(
            ["line,column,value,reason,campaignId,spend", $"2,,,{exists},a,9", $"3,,,{exists},b,8", $"5,,,{exists},c,6", $"7,,,{exists},a,4", $"8,,,{exists},d,3"],
            (await store.RejectsAsync(job)).Split('\n')[..6]);

        // The rejects, loaded as they are with another answer to conflicts, are the changes that were held back.
        var again = await store.LoadAsync(await store.RejectsAsync(job), new ImportOptions { OnConflict = ConflictMode.Update });
        Assert.Equal((6, 0, 5, 0, 1), ImportStore.Counts(again));
        Assert.Equal(["a 4", "b 8", "c 6", "d 3"], await RowsAsync(store));
    }

    [Theory]
    [EachDatabase]
    public async Task Two_tenants_load_the_same_file_into_records_of_their_own(Database database)
    {
        await using var store = await LoadedAsync(database);
        var token = TestContext.Current.CancellationToken;
        var (job, isNew) = await store.AsAsync<ImportService, (ImportJob, bool)>(async imports =>
        {
            var plan = imports.Plan(new ImportOptions { Target = "campaigns" });
            return await imports.EnqueueAsync(plan, await imports.StageAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Before)), token), token);
        }, "other");
        Assert.True(isNew);
        await store.WorkAsync();
        var end = await store.AsAsync<ImportService, ImportJob>(i => i.GetAsync(job.Id, token), "other");
        Assert.Equal((2, 2, 0, 0, 0), ImportStore.Counts(end));
        Assert.Equal(["a 1", "b 2"], await RowsAsync(store));
    }

    private static async Task<ImportStore> LoadedAsync(Database database)
    {
        var store = await ImportStore.OpenAsync(database, settings: ("BatchRows", "3"));
        Assert.Equal((2, 2, 0, 0, 0), ImportStore.Counts(await store.LoadAsync(Before)));
        return store;
    }

    private static async Task<string[]> RowsAsync(ImportStore store) => [.. (await store.CampaignsAsync()).Select(c => $"{c.CampaignId} {c.Spend:0}")];
}
