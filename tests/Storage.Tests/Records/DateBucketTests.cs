using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

public sealed class DateBucketTests
{
    private static readonly DateTime[] Edges =
    [
        new(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc), new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc), new(1969, 12, 28, 23, 0, 0, DateTimeKind.Utc),
        new(1969, 12, 29, 0, 0, 0, DateTimeKind.Utc), new(1900, 3, 1, 0, 0, 0, DateTimeKind.Utc), new(2000, 2, 29, 12, 0, 0, DateTimeKind.Utc),
        new(2024, 12, 30, 0, 0, 0, DateTimeKind.Utc), new(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc), new(2026, 1, 31, 23, 59, 59, 999, DateTimeKind.Utc),
        new DateTime(1955, 8, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(-10), new DateTime(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc).AddTicks(-10),
        new DateTime(1969, 11, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(-10),
    ];

    [Theory]
    [EachDatabase]
    public async Task Days_weeks_and_months_are_those_of_the_calendar(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var context = store.For("acme").GetRequiredService<StoreContext>();
        var random = new Random(3);
        var first = new DateTime(1890, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Edges.Concat(Enumerable.Range(0, 500).Select(_ => first.AddMilliseconds(random.NextInt64(220L * 365 * 86_400_000)))).Select((date, i) =>
        {
            var row = RecordStoreTests.Make($"k{i}");
            row.Date = date;
            return row;
        }).ToList();
        await new BulkWriter<Campaign>(context).WriteAsync(rows, ConflictMode.Reject, null, TestContext.Current.CancellationToken);
        var cut = await context.Set<Campaign>()
            .Select(c => new { Date = c.Date!.Value, Day = DateBucket.Day(c.Date.Value), Week = DateBucket.Week(c.Date.Value), Month = DateBucket.Month(c.Date.Value) })
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(rows.Count, cut.Count);
        foreach (var c in cut)
        {
            var monday = c.Date.Date.AddDays(-(((int)c.Date.DayOfWeek + 6) % 7));
            Assert.Equal((c.Date, c.Date.Date, monday, new DateTime(c.Date.Year, c.Date.Month, 1, 0, 0, 0, DateTimeKind.Utc)), (c.Date, c.Day, c.Week, c.Month));
        }
    }
}
