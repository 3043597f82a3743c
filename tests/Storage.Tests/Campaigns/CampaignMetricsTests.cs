using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Campaigns;

public sealed class CampaignMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Metrics_are_what_a_loop_over_the_records_sums(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        var random = new Random(21);
        var drafts = Enumerable.Range(0, 800).Select(i => RandomDraft(random, i)).ToList();
        await campaigns.CreateManyAsync(drafts, cancellationToken: Token);
        await store.Get<CampaignService>("globex").CreateManyAsync(drafts, cancellationToken: Token);
        var gone = await campaigns.CreateAsync(new CampaignDraft { CampaignId = "gone", Platform = "Meta", Spend = 1_000_000 }, Token);
        await campaigns.DeleteAsync(gone.Id, cancellationToken: Token);
        var rows = drafts.ConvertAll(d => d.ToCampaign());
        foreach (var group in Enum.GetValues<MetricsGroup>())
        {
            foreach (var filter in (CampaignFilter[])[new(), new() { Platform = "Meta", From = new DateTime(2025, 12, 30, 0, 0, 0, DateTimeKind.Utc) }])
            {
                var kept = rows.Where(r => filter.Platform is null || (r.Platform == filter.Platform && r.Date >= filter.From)).ToList();
                var answer = await campaigns.AggregateAsync(filter, group, Token);
                var expected = kept.GroupBy(r => Key(r, group)).OrderBy(g => g.Key is null).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => Sum(g.Key, g)).ToList();
                Assert.Equal(expected, answer.Groups);
                Assert.Equal(Sum(null, kept), answer.Total);
            }
        }
    }

    [Theory]
    [EachDatabase]
    public async Task Sums_of_nothing_are_zero_and_ratios_by_zero_are_null(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        var none = await campaigns.AggregateAsync(new CampaignFilter(), MetricsGroup.Platform, Token);
        Assert.Empty(none.Groups);
        Assert.Equal(new MetricsRow(), none.Total);
        await campaigns.CreateAsync(new CampaignDraft { CampaignId = "a", Clicks = 0, Revenue = 5 }, Token);
        var row = Assert.Single((await campaigns.AggregateAsync(new CampaignFilter(), MetricsGroup.Platform, Token)).Groups);
        Assert.Equal(("unknown", 0m, 0L, 5m), (row.Key, row.Spend, row.Clicks, row.Revenue));
        Assert.Equal((null, null, null, null), (row.Ctr, row.Cpc, row.Cpa, row.Roas));
    }

    [Theory]
    [EachDatabase]
    public async Task Money_is_summed_exactly(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        await campaigns.CreateManyAsync(
            [.. Enumerable.Range(0, 1_000).Select(i => new CampaignDraft { CampaignId = $"c{i}", Spend = 0.1m, Revenue = 999_999_999_999_999.999999m, Conversions = 0.333333333333m })],
            cancellationToken: Token);
        var total = (await campaigns.AggregateAsync(new CampaignFilter(), MetricsGroup.Channel, Token)).Total;
        Assert.Equal((100m, 999_999_999_999_999_999.999m, 333.333333333m), (total.Spend, total.Revenue, total.Conversions));
    }

    [Theory]
    [EachDatabase]
    public async Task Amounts_with_as_many_digits_as_a_decimal_has_can_be_summed(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var campaigns = store.Get<CampaignService>();
        await campaigns.CreateManyAsync(
            [
                new CampaignDraft { CampaignId = "a", Spend = 999_999_999_999_999.9999999999999m, Conversions = 0.3333333333333333333333333333m },
                new CampaignDraft { CampaignId = "b", Spend = 999_999_999_999_999.9999999999999m, Conversions = 7.123456789012345678901234567m },
            ],
            cancellationToken: Token);
        var total = (await campaigns.AggregateAsync(new CampaignFilter(), MetricsGroup.Channel, Token)).Total;
        Assert.Equal((2_000_000_000_000_000.000000m, 7.456790m), (decimal.Round(total.Spend, 6), decimal.Round(total.Conversions, 6)));
    }

    private static CampaignDraft RandomDraft(Random random, int i)
    {
        string?[] platforms = ["Meta", "Google", "TikTok", "Zoom", null];
        string?[] stages = ["top", "middle", null];
        decimal? Amount() => random.Next(4) == 0 ? null : random.Next(1_000_000) / (decimal)Math.Pow(10, random.Next(7));
        long? impressions = random.Next(4) == 0 ? null : random.Next(10_000);
        return new CampaignDraft
        {
            CampaignId = $"c{i % 90}",
            Channel = $"ch{i / 90}",
            Platform = platforms[random.Next(platforms.Length)],
            FunnelStage = stages[random.Next(stages.Length)],
            Spend = Amount(),
            Revenue = Amount(),
            Conversions = Amount(),
            Impressions = impressions,
            Clicks = impressions is null || random.Next(4) == 0 ? null : random.NextInt64(impressions.Value + 1),
            Date = random.Next(8) == 0 ? null : new DateTime(2025, 12, 20, 0, 0, 0, DateTimeKind.Utc).AddHours(random.Next(60 * 24)),
        };
    }

    private static string? Key(Campaign c, MetricsGroup group) => group switch
    {
        MetricsGroup.Platform => c.Platform,
        MetricsGroup.Channel => c.Channel,
        MetricsGroup.FunnelStage => c.FunnelStage,
        MetricsGroup.Day => $"{c.Date:yyyy-MM-dd}",
        MetricsGroup.Week => $"{c.Date?.AddDays(-(((int)c.Date.Value.DayOfWeek + 6) % 7)):yyyy-MM-dd}",
        _ => $"{c.Date:yyyy-MM}",
    } is { Length: > 0 } key ? key : null;

    private static MetricsRow Sum(string? key, IEnumerable<Campaign> rows)
    {
        var all = rows.ToList();
        return new MetricsRow
        {
            Key = key,
            Campaigns = all.Select(r => r.CampaignId).Distinct().Count(),
            Rows = all.Count,
            Spend = all.Sum(r => r.Spend) ?? 0,
            Impressions = all.Sum(r => r.Impressions) ?? 0,
            Clicks = all.Sum(r => r.Clicks) ?? 0,
            Conversions = all.Sum(r => r.Conversions) ?? 0,
            Revenue = all.Sum(r => r.Revenue) ?? 0,
        };
    }
}
