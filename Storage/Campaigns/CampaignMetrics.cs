using System.Globalization;
using System.Linq.Expressions;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Campaigns;

/// <summary>Sums campaigns up inside the database; only a row for each group comes back.</summary>
public sealed class CampaignMetrics(RecordStore<Campaign> store)
{
    /// <summary>The measures of each group, and of all together.</summary>
    public async Task<MetricsAnswer> AggregateAsync(CampaignFilter filter, MetricsGroup groupBy, CancellationToken cancellationToken = default)
    {
        var query = filter.Apply(store.Query);
        var groups = groupBy switch
        {
            MetricsGroup.Platform => await GroupAsync(query, c => c.Platform, k => k, cancellationToken),
            MetricsGroup.Channel => await GroupAsync(query, c => c.Channel, k => k, cancellationToken),
            MetricsGroup.FunnelStage => await GroupAsync(query, c => c.FunnelStage, k => k, cancellationToken),
            MetricsGroup.Day => await GroupAsync(query, c => c.Date == null ? null : (DateTime?)DateBucket.Day(c.Date.Value), DayKey, cancellationToken),
            MetricsGroup.Week => await GroupAsync(query, c => c.Date == null ? null : (DateTime?)DateBucket.Week(c.Date.Value), DayKey, cancellationToken),
            MetricsGroup.Month => await GroupAsync(query, c => c.Date == null ? null : (DateTime?)DateBucket.Month(c.Date.Value), MonthKey, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(groupBy)),
        };
        groups.Sort((a, b) => (a.Key is null, b.Key is null) switch
        {
            (false, false) => string.CompareOrdinal(a.Key, b.Key),
            var (x, y) => x.CompareTo(y),
        });

        // A campaign can be in several groups: only the database can tell how many there are in all.
        long campaigns = groups.Count <= 1 ? groups.Sum(g => g.Campaigns) : await query.Select(c => c.CampaignId).Distinct().LongCountAsync(cancellationToken);
        return new MetricsAnswer(groups, Total(groups, campaigns));
    }

    // Grouped twice, by campaign within the key and then by the key: counting distinct campaigns so takes a hash table, where count(distinct) would sort all rows.
    private static async Task<List<MetricsRow>> GroupAsync<TKey>(IQueryable<Campaign> query, Expression<Func<Campaign, TKey>> key, Func<TKey, string?> text, CancellationToken cancellationToken)
    {
        var campaign = key.Parameters[0];
        var pair = Expression.MemberInit(
            Expression.New(typeof(CampaignInGroup<TKey>)),
            Expression.Bind(typeof(CampaignInGroup<TKey>).GetProperty(nameof(CampaignInGroup<>.Key))!, key.Body),
            Expression.Bind(typeof(CampaignInGroup<TKey>).GetProperty(nameof(CampaignInGroup<>.CampaignId))!, Expression.Property(campaign, nameof(Campaign.CampaignId))));
        var sums = await query.GroupBy(Expression.Lambda<Func<Campaign, CampaignInGroup<TKey>>>(pair, campaign))
            .Select(g => new
            {
                g.Key.Key,
                Rows = g.LongCount(),
                Spend = g.Sum(c => c.Spend),
                Impressions = g.Sum(c => c.Impressions),
                Clicks = g.Sum(c => c.Clicks),
                Conversions = g.Sum(c => c.Conversions),
                Revenue = g.Sum(c => c.Revenue),
            })
            .GroupBy(c => c.Key)
            .Select(g => new
            {
                g.Key,
                Campaigns = g.LongCount(),
                Rows = g.Sum(c => c.Rows),
                Spend = g.Sum(c => c.Spend),
                Impressions = g.Sum(c => c.Impressions),
                Clicks = g.Sum(c => c.Clicks),
                Conversions = g.Sum(c => c.Conversions),
                Revenue = g.Sum(c => c.Revenue),
            })
            .ToListAsync(cancellationToken);
        return sums.ConvertAll(s => new MetricsRow
        {
            Key = text(s.Key),
            Campaigns = s.Campaigns,
            Rows = s.Rows,
            Spend = s.Spend ?? 0,
            Impressions = s.Impressions ?? 0,
            Clicks = s.Clicks ?? 0,
            Conversions = s.Conversions ?? 0,
            Revenue = s.Revenue ?? 0,
        });
    }

    private static MetricsRow Total(List<MetricsRow> groups, long campaigns) => new()
    {
        Campaigns = campaigns,
        Rows = groups.Sum(g => g.Rows),
        Spend = groups.Sum(g => g.Spend),
        Impressions = groups.Sum(g => g.Impressions),
        Clicks = groups.Sum(g => g.Clicks),
        Conversions = groups.Sum(g => g.Conversions),
        Revenue = groups.Sum(g => g.Revenue),
    };

    private static string? DayKey(DateTime? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? MonthKey(DateTime? month) => month?.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private sealed class CampaignInGroup<TKey>
    {
        public required TKey Key { get; init; }

        public required string CampaignId { get; init; }
    }
}
