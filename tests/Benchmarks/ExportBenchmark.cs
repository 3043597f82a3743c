using System.Diagnostics;

namespace CloudStore.Benchmarks;

/// <summary>Exporting all campaigns over HTTP, beside psql's \copy of the same columns in the same order into a file.</summary>
internal static class ExportBenchmark
{
    // The columns of the file, as they are called in the table.
    private const string Columns = "campaign_id, campaign_name, platform, channel, spend, impressions, clicks, conversions, revenue, ctr, cpc, cpa, roas, date, funnel_stage, additional_data, natural_key";

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        var (file, copied) = (folder.File("rows.csv"), folder.File("copied.csv"));
        CampaignRows.WriteCsv(file, options.Rows);
        await using var database = await Database.CreateAsync();
        await LoadAsync(database, file, options.Rows);
        await database.ExecuteAsync("VACUUM ANALYZE campaigns");
        await using var server = await ServerProcess.StartAsync(database.ConnectionString);
        // What is measured is compiled.
        await ExportAsync(server, "csv", options.Rows);
        foreach (var form in (string[])["csv", "jsonl", "csv&compress=gzip"])
        {
            List<double> ours = [], copies = [];
            for (int run = 0; run < options.Runs; run++)
            {
                ours.Add(await QuietMachine.MeasureAsync("export", table, () => ExportAsync(server, form, options.Rows)));
                copies.Add(await QuietMachine.MeasureAsync("copy", table, async () =>
                {
                    var started = Stopwatch.GetTimestamp();
                    await Tools.RunAsync("psql", ["-qc", $"\\copy (select {Columns} from campaigns where tenant = 'default' and deleted_at is null order by id) to '{copied}' csv header"], database.Environmental);
                    return options.Rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
                }));
            }

            table.Add($"export of {options.Rows:#,0} campaigns as {form}, against psql \\copy (select ...) to CSV", ResultTable.Median(ours), "rows/s", ResultTable.Median(copies),
                $"server's peak memory {server.PeakMegabytes:0} MB");
        }
    }

    // By another process, whose memory is not the exporting server's.
    private static async Task LoadAsync(Database database, string file, int rows)
    {
        await using var loader = await ServerProcess.StartAsync(database.ConnectionString);
        await ImportBenchmark.ImportAsync(loader, file, rows);
    }

    /// <returns>Rows per second from the request to the answer's last byte.</returns>
    private static async Task<double> ExportAsync(ServerProcess server, string form, int rows)
    {
        var started = Stopwatch.GetTimestamp();
        await using var body = await server.Client.GetStreamAsync($"/v1/exports/campaigns?format={form}");
        var buffer = new byte[1 << 17];
        long lines = 0;
        for (int read; (read = await body.ReadAsync(buffer)) > 0;)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        double rate = rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return form.Contains("gzip", StringComparison.Ordinal) || lines >= rows ? rate : throw new InvalidOperationException($"{lines} of {rows} lines came.");
    }
}
