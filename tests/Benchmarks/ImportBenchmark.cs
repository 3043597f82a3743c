using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace CloudStore.Benchmarks;

/// <summary>Importing a file through the API and the worker, beside what the database's own shell takes to put the rows that this made into the same table.</summary>
internal static class ImportBenchmark
{
    // Loaded before the clock starts, so that what is measured is compiled: a fresh file needs a fresh process.
    private const int WarmingRows = 50_000;

    public static async Task PostgresAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        var (file, rows) = (folder.File("rows.csv"), folder.File("table.csv"));
        CampaignRows.WriteCsv(file, options.Rows);
        await using var database = await Database.CreateAsync();
        await using var server = await ServerProcess.StartAsync(database.ConnectionString);
        List<double> ours = [], copies = [];
        for (int run = 0; run < options.Runs; run++)
        {
            await EmptyAsync(database);
            ours.Add(await QuietMachine.MeasureAsync("import", table, () => ImportAsync(server, file, options.Rows)));
            await Tools.RunAsync("psql", ["-qc", $"\\copy campaigns to '{rows}' csv"], database.Environmental);
            await EmptyAsync(database);
            copies.Add(await QuietMachine.MeasureAsync("copy", table, async () =>
            {
                var started = Stopwatch.GetTimestamp();
                await Tools.RunAsync("psql", ["-qc", $"\\copy campaigns from '{rows}' csv"], database.Environmental);
                return options.Rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
            }));
        }

        table.Add($"import of {options.Rows:#,0} rows over HTTP, against psql \\copy", ResultTable.Median(ours), "rows/s", ResultTable.Median(copies),
            $"server's peak memory {server.PeakMegabytes:0} MB");
    }

    public static async Task SqliteAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        var (file, others) = (folder.File("rows.csv"), folder.File("others.csv"));
        CampaignRows.WriteCsv(file, options.Rows);
        CampaignRows.WriteCsv(others, WarmingRows, options.Rows);
        List<double> rates = [], memory = [], bare = [];
        for (int run = 0; run < options.Runs; run++)
        {
            await using var server = await ServerProcess.StartAsync(null);
            await ImportAsync(server, others, WarmingRows);
            rates.Add(await QuietMachine.MeasureAsync("SQLite import", table, () => ImportAsync(server, file, options.Rows)));
            memory.Add(server.PeakMegabytes);
            bare.Add(await SqliteShell.CopyAsync(Path.Combine(server.Folder, "records.db"), folder.File($"copy{run}.db"), options.Rows + WarmingRows, table));
        }

        table.Add($"import of {options.Rows:#,0} rows over HTTP into SQLite, against sqlite3 inserting them", ResultTable.Median(rates), "rows/s", ResultTable.Median(bare),
            $"server's peak memory {memory.Max():0} MB");
    }

    /// <summary>Sends the file and waits until its job has ended.</summary>
    /// <returns>Rows per second from the request's first byte on.</returns>
    public static async Task<double> ImportAsync(ServerProcess server, string file, int rows, string target = "campaigns")
    {
        var started = Stopwatch.GetTimestamp();
        await using var stream = File.OpenRead(file);
        using var content = new StreamContent(stream, 1 << 17);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await server.Client.PostAsync($"/v1/imports?target={target}&force=true", content);
        var job = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (job.GetProperty("finishedAt").ValueKind == JsonValueKind.Null)
        {
            await poll.WaitForNextTickAsync();
            job = JsonDocument.Parse(await server.Client.GetStringAsync($"/v1/imports/{job.GetProperty("id").GetString()}")).RootElement;
        }

        long loaded = job.GetProperty("rowsLoaded").GetInt64();
        return loaded == rows ? rows / Stopwatch.GetElapsedTime(started).TotalSeconds : throw new InvalidOperationException($"{loaded} of {rows} rows were loaded: {job}");
    }

    private static async Task EmptyAsync(Database database)
    {
        await database.ExecuteAsync("TRUNCATE campaigns");
        await database.ExecuteAsync("CHECKPOINT");
    }
}
