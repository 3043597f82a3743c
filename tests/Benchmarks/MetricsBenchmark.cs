using System.Diagnostics;

namespace CloudStore.Benchmarks;

/// <summary>Sums over all rows by platform, beside the statement alone.</summary>
internal static class MetricsBenchmark
{
    private const string Path = "/v1/campaigns/metrics?groupBy=platform";

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        CampaignRows.WriteCsv(folder.File("rows.csv"), options.Rows);
        await using var database = await Database.CreateAsync();
        await using var server = await ServerProcess.StartAsync(database.ConnectionString, settings: new Dictionary<string, string> { ["Cache__AnswerSeconds"] = "0" });
        await ImportBenchmark.ImportAsync(server, folder.File("rows.csv"), options.Rows);
        await database.ExecuteAsync("VACUUM ANALYZE campaigns");
        var statement = await File.ReadAllTextAsync(System.IO.Path.Combine(AppContext.BaseDirectory, "Sql", "metrics.sql"));
        List<double> ours = [], alone = [];
        for (int run = 0; run < options.Runs; run++)
        {
            ours.Add(await QuietMachine.MeasureAsync("metrics", table, () => TimeAsync(() => server.Client.GetStringAsync(Path))));
            alone.Add(await QuietMachine.MeasureAsync("metrics statement", table, () => TimeAsync(() => database.ColumnAsync(statement))));
        }

        table.Add($"metrics by platform over {options.Rows:#,0} rows", options.Rows / ResultTable.Median(ours), "rows/s", options.Rows / ResultTable.Median(alone),
            $"{ResultTable.Median(ours) * 1000:0} ms");
    }

    private static async Task<double> TimeAsync(Func<Task> action)
    {
        var started = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
