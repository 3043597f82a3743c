using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Campaigns;

public sealed class OtherServicesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Contexts_are_added_version_by_version_and_each_can_be_read(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaign = await store.Get<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = "a" }, Token);
        var contexts = store.Get<ContextService>();
        await RecordStoreTests.ThrowsAsync(ProblemKind.NotFound, () => contexts.GetAsync(campaign.Id, null, Token));
        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(i, (await contexts.AddAsync(campaign.Id, null, new ContextDraft($$"""{"budget":{{i}}}"""), Token)).Version);
        }

        await RecordStoreTests.ThrowsAsync(ProblemKind.Stale, () => contexts.AddAsync(campaign.Id, 2, new ContextDraft("{}"), Token));
        Assert.Equal(4, (await contexts.AddAsync(campaign.Id, 3, new ContextDraft("{}", "emptied"), Token)).Version);
        Assert.Contains("2", (await contexts.GetAsync(campaign.Id, 2, Token)).Content, StringComparison.Ordinal);
        Assert.Equal("emptied", (await contexts.GetAsync(campaign.Id, null, Token)).Note);
        await RecordStoreTests.ThrowsAsync(ProblemKind.NotFound, () => contexts.GetAsync(campaign.Id, 5, Token));
        await RecordStoreTests.ThrowsAsync(ProblemKind.NotFound, () => store.Get<ContextService>("globex").GetAsync(campaign.Id, 1, Token));
        var first = await contexts.ListAsync(campaign.Id, new PageRequest(null, 3, null, true, "s"), Token);
        var rest = await contexts.ListAsync(campaign.Id, new PageRequest(null, 3, first.NextCursor, true, "s"), Token);
        Assert.Equal([4, 3, 2, 1], first.Items.Concat(rest.Items).Select(c => c.Version));
    }

    [Theory]
    [EachDatabase]
    public async Task Contexts_added_at_once_get_a_version_each(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaign = await store.Get<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = "a" }, Token);
        var services = Enumerable.Range(0, 4).Select(_ => store.Get<ContextService>()).ToList();
        var made = await Task.WhenAll(services.Select(s => Task.Run(() => s.AddAsync(campaign.Id, null, new ContextDraft("{}"), Token))));
        Assert.Equal([1, 2, 3, 4], made.Select(c => c.Version).Order());
    }

    [Theory]
    [EachDatabase]
    public async Task An_analysis_ends_when_it_is_completed(Database database)
    {
        var time = new ManualTime();
        await using var store = await TestStore.OpenAsync(database, time);
        var campaign = await store.Get<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = "a" }, Token);
        var analyses = store.Get<AnalysisService>();
        var made = await store.Get<CampaignService>().SaveAnalysisAsync(campaign.Id, new AnalysisDraft { Type = AnalysisType.Rag, Insights = """["one",{"two":2}]""" }, Token);
        Assert.Equal((AnalysisStatus.Pending, null), (made.Status, made.CompletedAt));
        time.Advance(TimeSpan.FromMinutes(1));
        var done = await analyses.PatchAsync(made.Id, 1, d => d with { Status = AnalysisStatus.Completed, ExecutionTime = 60 }, Token);
        Assert.Equal(time.GetUtcNow().UtcDateTime, done.CompletedAt);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(done.CompletedAt, (await analyses.PatchAsync(made.Id, 2, d => d with { ExecutiveSummary = "good" }, Token)).CompletedAt);
        var page = new PageRequest(null, null, null, false, "s");
        Assert.Single((await analyses.ListAsync(campaign.Id, AnalysisType.Rag, AnalysisStatus.Completed, page, Token)).Items);
        Assert.Empty((await analyses.ListAsync(null, AnalysisType.Auto, null, page, Token)).Items);
        Assert.Empty((await analyses.ListAsync(null, null, AnalysisStatus.Pending, page, Token)).Items);
        await RecordStoreTests.ThrowsAsync(ProblemKind.NotFound, () => analyses.CreateAsync(Guid.NewGuid(), new AnalysisDraft(), Token));
        var bad = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => analyses.CreateAsync(null, new AnalysisDraft { Insights = "{}", Metrics = "[]", ExecutionTime = -1 }, Token));
        Assert.Equal(["insights", "metrics", "executionTime"], bad.Errors.Select(e => e.Field));
    }

    [Theory]
    [EachDatabase]
    public async Task Usage_totals_are_summed_by_group_and_currency(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var usage = store.Get<LlmUsageService>();
        DateTime At(int day) => new(2026, 1, day, 13, 0, 0, DateTimeKind.Utc);
        async Task AddAsync(string provider, string model, long prompt, decimal cost, string? currency, int day, string? operation) => await usage.CreateAsync(
            new LlmUsageDraft { Provider = provider, Model = model, PromptTokens = prompt, CompletionTokens = 10, Cost = cost, Currency = currency, At = At(day), Operation = operation }, Token);
        await AddAsync("openai", "m1", 100, 0.1m, null, 1, "chat");
        await AddAsync("openai", "m2", 200, 0.2m, null, 2, null);
        await AddAsync("mistral", "m3", 300, 0.4m, "EUR", 2, "chat");

        var byProvider = await usage.TotalsAsync(new LlmUsageFilter(), LlmUsageGroup.Provider, Token);
        Assert.Equal([("mistral", 1L, 310L, 0.4m, "EUR"), ("openai", 2L, 320L, 0.3m, "USD")], byProvider.Groups.Select(g => (g.Key, g.Requests, g.TotalTokens, g.Cost!.Value, g.Currency)));
        Assert.Equal((3L, 600L, 30L, 630L, null, null), (byProvider.Total.Requests, byProvider.Total.PromptTokens, byProvider.Total.CompletionTokens, byProvider.Total.TotalTokens, byProvider.Total.Cost, byProvider.Total.Currency));
        Assert.Equal([("EUR", 0.4m), ("USD", 0.3m)], byProvider.Total.Costs.Select(c => (c.Key, c.Value)));
        Assert.Equal(["2026-01-01", "2026-01-02"], (await usage.TotalsAsync(new LlmUsageFilter(), LlmUsageGroup.Day, Token)).Groups.Select(g => g.Key));
        Assert.Equal(["chat", null], (await usage.TotalsAsync(new LlmUsageFilter(), LlmUsageGroup.Operation, Token)).Groups.Select(g => g.Key));
        Assert.Equal(["m1"], (await usage.TotalsAsync(new LlmUsageFilter { Before = CampaignFilter.ParseTo("2026-01-01") }, LlmUsageGroup.Model, Token)).Groups.Select(g => g.Key));
    }

    [Fact]
    public void A_total_of_tokens_must_be_the_sum_and_a_currency_a_code()
    {
        var found = new List<(string, string)>();
        LlmUsageRules.Check(new LlmUsageDraft { Provider = "p", Model = "m", PromptTokens = 1, CompletionTokens = 2, TotalTokens = 4, Currency = "usd", Cost = -1 }.ToUsage(default), (f, r, _) => found.Add((f, r)));
        Assert.Equal([("cost", "not-negative"), ("totalTokens", "sum"), ("currency", "currency")], found);
    }

    [Theory]
    [EachDatabase]
    public async Task Feedback_on_a_query_is_the_last_word(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var queries = store.Get<QueryService>();
        var made = await queries.CreateAsync(new QueryDraft { Question = "why?\nhow?", Sources = "[]", Latency = 12.5m }, Token);
        await queries.RateAsync(made.Id, null, new FeedbackDraft(1), Token);
        var rated = await queries.RateAsync(made.Id, 2, new FeedbackDraft(-1, "wrong year"), Token);
        Assert.Equal((-1, "wrong year", "why?\nhow?", 12.5m), (rated.Feedback, rated.FeedbackText, rated.Question, rated.Latency));
        var page = new PageRequest(null, null, null, false, "s");
        Assert.Empty((await queries.ListAsync(1, page, Token)).Items);
        Assert.Single((await queries.ListAsync(-1, page, Token)).Items);
        var bad = await RecordStoreTests.ThrowsAsync(ProblemKind.Invalid, () => queries.RateAsync(made.Id, null, new FeedbackDraft(2), Token));
        Assert.Equal("feedback", Assert.Single(bad.Errors).Field);
    }
}
