using System.IO.Compression;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Operations.Lifecycle;

public sealed class RetentionTests : IDisposable
{
    private readonly TempFolder _archive = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _archive.Dispose();

    [Theory, EachDatabase]
    public async Task What_is_too_old_is_archived_and_then_removed_and_the_rest_stays(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await CreateAsync(store, "acme", "old-1", "old-2");
        await CreateAsync(store, "globex", "old-3");
        _time.Advance(TimeSpan.FromDays(20));
        await CreateAsync(store, "acme", "young");
        _time.Advance(TimeSpan.FromDays(15));

        var removed = await Run(store, Days("campaigns", 30)).RunAsync(Token);

        Assert.Equal(3, Assert.Single(removed).Value);
        Assert.Equal(["young"], await NamesAsync(store, "acme"));
        Assert.Empty(await NamesAsync(store, "globex"));
        Assert.Equal(["old-1", "old-2"], Archived("campaigns", "acme"));
        Assert.Equal(["old-3"], Archived("campaigns", "globex"));
        Assert.Empty(await Run(store, Days("campaigns", 30)).RunAsync(Token));
    }

    [Theory, EachDatabase]
    public async Task Deleted_records_go_after_their_own_time(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await CreateAsync(store, "acme", "kept", "deleted");
        var campaigns = store.Get<CampaignService>();
        var deleted = (await store.Get<RecordStore<Campaign>>().Query.ToListAsync(Token)).Single(c => c.CampaignId == "deleted");
        await campaigns.DeleteAsync(deleted.Id, cancellationToken: Token);
        _time.Advance(TimeSpan.FromDays(8));

        await Run(store, new RetentionOptions { DeletedDays = 7 }).RunAsync(Token);

        Assert.Equal(["kept"], await NamesAsync(store, "acme"));
        Assert.Equal(0, await AllAsync(store, c => c.CampaignId == "deleted"));
        Assert.Equal(["deleted"], Archived("campaigns", "acme"));
    }

    [Theory, EachDatabase]
    public async Task A_legal_hold_keeps_what_it_covers_until_it_is_released(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await CreateAsync(store, "acme", "held", "free");
        await CreateAsync(store, "globex", "other");
        var held = (await store.Get<RecordStore<Campaign>>().Query.ToListAsync(Token)).Single(c => c.CampaignId == "held");
        var holds = store.For("acme").GetRequiredService<LegalHolds>();
        var one = await holds.CreateAsync(new LegalHoldDraft("Case 4711", RecordId: held.Id), Token);
        var passing = await store.For("globex").GetRequiredService<LegalHolds>().CreateAsync(new LegalHoldDraft("Audit", "campaigns", Until: _time.GetUtcNow().AddDays(40)), Token);
        _time.Advance(TimeSpan.FromDays(31));

        await Run(store, Days("campaigns", 30)).RunAsync(Token);
        Assert.Equal(["held"], await NamesAsync(store, "acme"));
        Assert.Equal(["other"], await NamesAsync(store, "globex"));

        await holds.ReleaseAsync(one.Id, null, "settled", Token);
        _time.Advance(passing.Until!.Value - _time.GetUtcNow().UtcDateTime);
        await Run(store, Days("campaigns", 30)).RunAsync(Token);
        Assert.Empty(await NamesAsync(store, "acme"));
        Assert.Empty(await NamesAsync(store, "globex"));
    }

    [Theory, EachDatabase]
    public async Task More_than_a_batch_goes_in_several_and_each_row_is_archived_once(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await store.Get<CampaignService>().CreateManyAsync([.. Enumerable.Range(0, 4500).Select(i => new CampaignDraft { CampaignId = $"c{i:0000}" })], cancellationToken: Token);
        _time.Advance(TimeSpan.FromDays(2));

        var removed = await Run(store, Days("campaigns", 1)).RunAsync(Token);

        Assert.Equal(4500, removed["campaigns"]);
        Assert.Equal(Enumerable.Range(0, 4500).Select(i => $"c{i:0000}"), Archived("campaigns", "acme").Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Where_the_archive_cannot_be_written_nothing_is_removed(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await CreateAsync(store, "acme", "old");
        _time.Advance(TimeSpan.FromDays(31));
        // A file where the folder would be.
        await File.WriteAllTextAsync(Path.Combine(_archive.FullPath, "campaigns"), "", Token);

        await Assert.ThrowsAnyAsync<IOException>(() => Run(store, Days("campaigns", 30)).RunAsync(Token));

        Assert.Equal(["old"], await NamesAsync(store, "acme"));
    }

    [Fact]
    public void A_setting_for_a_table_that_is_not_there_is_named()
    {
        var options = new RetentionOptions { Days = { ["campains"] = 30, ["campaigns"] = 0, ["analyses"] = 30 } };

        var faults = Retention.Faults(options, ["campaigns", "analyses"]).ToList();

        Assert.Equal(2, faults.Count);
        Assert.Contains(faults, f => f.Contains("Retention:Days:campains", StringComparison.Ordinal) && f.Contains("campaigns, analyses", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("Retention:Days:campaigns", StringComparison.Ordinal) && f.Contains("36500", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task A_hold_that_makes_no_sense_is_refused_by_field(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => store.Get<LegalHolds>().CreateAsync(
            new LegalHoldDraft(" ", "campains", Until: _time.GetUtcNow()), Token));

        Assert.Equal(["reason", "recordType", "until"], problem.Errors.Select(e => e.Field).Order(StringComparer.Ordinal));
    }

    private static RetentionOptions Days(string table, int days) => new() { Days = { [table] = days } };

    private Retention Run(TestStore store, RetentionOptions options)
    {
        options.ArchiveFolder = _archive.FullPath;
        var wrapped = Options.Create(options);
        var scope = store.Services.CreateScope();
        return new Retention(scope.ServiceProvider.GetRequiredService<StoreContext>(), new Archive(wrapped, new DataOptions(), _time), wrapped, NullLogger<Retention>.Instance);
    }

    private static async Task CreateAsync(TestStore store, string tenant, params string[] names)
    {
        foreach (var name in names)
        {
            await store.For(tenant).GetRequiredService<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = name }, Token);
        }
    }

    private static async Task<List<string>> NamesAsync(TestStore store, string tenant) =>
        await store.Get<RecordStore<Campaign>>(tenant).Query.OrderBy(c => c.CampaignId).Select(c => c.CampaignId).ToListAsync(Token);

    private static Task<int> AllAsync(TestStore store, System.Linq.Expressions.Expression<Func<Campaign, bool>> which) =>
        store.Get<StoreContext>().Set<Campaign>().IgnoreQueryFilters().CountAsync(which, Token);

    private List<string> Archived(string table, string tenant) =>
    [
        .. Directory.GetFiles(Path.Combine(_archive.FullPath, table, tenant)).Order(StringComparer.Ordinal).SelectMany(file =>
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("campaign_id").GetString()!);
        }),
    ];
}
