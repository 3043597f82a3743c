using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Tests.Records;

/// <summary>What was committed, and whose answer the broken line never brought, is there once and is told to the caller.</summary>
public sealed class LostAnswerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_is_its_callers_own_and_not_another_in_its_way()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var records = store.Get<RecordStore<Campaign>>();
        way.LoseAnswer(a => a.Contains("INSERT 0 1", StringComparison.Ordinal));
        var made = await records.CreateAsync(Campaign("once"), Token);
        Assert.False(way.IsLosing);
        Assert.Equal("once", (await records.FindAsync(made.Id, Token)).CampaignId);
        var context = store.Get<StoreContext>();
        Assert.Equal((1, 1), (await context.Set<Campaign>().CountAsync(Token), await context.Set<AuditEvent>().CountAsync(e => e.RecordId == made.Id, Token)));

        await RecordStoreTests.ThrowsAsync(ProblemKind.Conflict, () => records.CreateAsync(Campaign("once"), Token));
        await RecordStoreTests.ThrowsAsync(ProblemKind.Conflict, () => records.CreateAsync(Campaign("chosen", made.Id), Token));
    }

    [Fact]
    public async Task A_context_is_one_version()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var campaign = await store.Get<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = "a" }, Token);
        way.LoseAnswer(a => a.Contains("INSERT 0 1", StringComparison.Ordinal));
        Assert.Equal(1, (await store.Get<ContextService>().AddAsync(campaign.Id, null, new ContextDraft("{}"), Token)).Version);
        Assert.False(way.IsLosing);
        Assert.Equal(1, await store.Get<StoreContext>().Set<CampaignContext>().CountAsync(Token));
    }

    [Theory]
    [InlineData(ConflictMode.Reject)]
    [InlineData(ConflictMode.Update)]
    public async Task A_batch_is_counted_as_what_it_was(ConflictMode mode)
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        way.LoseAnswer(IsCommit);
        var result = await store.Get<CampaignService>().CreateManyAsync([new() { CampaignId = "a" }, new() { CampaignId = "b" }], mode, Token);
        Assert.False(way.IsLosing);
        Assert.Equal((2, 0, 0), (result.Inserted, result.Updated, result.Skipped));
        var stored = await store.Get<StoreContext>().Set<Campaign>().OrderBy(c => c.CampaignId).ToListAsync(Token);
        Assert.Equal(result.Ids, stored.Select(c => c.Id));
        Assert.All(stored, c => Assert.Equal(1, c.Revision));
    }

    [Fact]
    public async Task Rows_without_a_key_are_there_once()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var context = store.Get<StoreContext>();
        way.LoseAnswer(IsCommit);
        var result = await new BulkWriter<LlmUsage>(context).WriteAsync([.. Enumerable.Range(0, 5).Select(_ => new LlmUsage { Provider = "p", Model = "m" })], ConflictMode.Reject, cancellationToken: Token);
        Assert.False(way.IsLosing);
        Assert.Equal((5, 5), (result.Inserted, await context.Set<LlmUsage>().CountAsync(Token)));
    }

    [Fact]
    public async Task What_was_not_committed_when_the_line_broke_is_done_again()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var context = store.Get<StoreContext>();
        int attempts = 0;
        way.LoseAnswer(a => a.Contains("COPY 5", StringComparison.Ordinal));
        await context.TransactAsync(
            ct =>
            {
                attempts++;
                return new BulkWriter<LlmUsage>(context).WriteAsync([.. Enumerable.Range(0, 5).Select(_ => new LlmUsage { Provider = "p", Model = "m" })], ConflictMode.Reject, cancellationToken: ct);
            },
            Token);
        Assert.False(way.IsLosing);
        Assert.Equal((2, 5), (attempts, await context.Set<LlmUsage>().CountAsync(Token)));
    }

    private static bool IsCommit(string answer) => answer.Contains("COMMIT\0", StringComparison.Ordinal);

    private static Campaign Campaign(string key, Guid id = default) => new() { Id = id, NaturalKey = key, CampaignId = key, CampaignName = key, Platform = "meta", Channel = "social" };
}
