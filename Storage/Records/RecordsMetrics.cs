using System.Diagnostics.Metrics;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Records;

/// <summary>What the records engine measures, on the meter <c>CloudStore.Records</c>. Connection pools are measured by the meter <c>Npgsql</c>.</summary>
internal static class RecordsMetrics
{
    private static readonly Meter Meter = new("CloudStore.Records");
    private static readonly Histogram<double> QueryDuration = Meter.CreateHistogram<double>("cloudstore.records.query.duration", "s", "Time a database command took.");
    private static readonly Counter<long> SlowQueries = Meter.CreateCounter<long>("cloudstore.records.query.slow", "{query}", "Commands over the slow-query threshold.");
    private static readonly Counter<long> BulkRows = Meter.CreateCounter<long>("cloudstore.records.bulk.rows", "{row}", "Rows written in bulk, by table and outcome.");
    private static readonly Histogram<double> BulkDuration = Meter.CreateHistogram<double>("cloudstore.records.bulk.duration", "s", "Time a bulk batch took.");

    public static void Queried(TimeSpan duration, bool slow)
    {
        QueryDuration.Record(duration.TotalSeconds);
        if (slow)
        {
            SlowQueries.Add(1);
        }
    }

    public static void BulkWritten(string table, BulkResult result, TimeSpan duration)
    {
        BulkDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("table", table));
        Count(table, "inserted", result.Inserted);
        Count(table, "updated", result.Updated);
        Count(table, "skipped", result.Skipped);
        Count(table, "rejected", result.Rejected.Count);
    }

    private static void Count(string table, string outcome, long rows)
    {
        if (rows > 0)
        {
            BulkRows.Add(rows, new("table", table), new("outcome", outcome));
        }
    }
}
