using System.Globalization;
using CloudStore.Benchmarks.Peers;

namespace CloudStore.Benchmarks;

/// <summary>Requests under load, beside the same statements run by pgbench. 100,000 campaigns are there beforehand.</summary>
internal static class HttpBenchmark
{
    private const int Preloaded = 100_000;
    private const int BatchRows = 1000;
    private const int Windows = 20;
    private const int WindowDays = 30;

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        await using var database = await Database.CreateAsync();
        await using var server = await ServerProcess.StartAsync(database.ConnectionString);
        CampaignRows.WriteCsv(folder.File("rows.csv"), Preloaded);
        await ImportBenchmark.ImportAsync(server, folder.File("rows.csv"), Preloaded);
        await database.ExecuteAsync("VACUUM ANALYZE campaigns");
        await database.ExecuteAsync("CHECKPOINT");
        var ids = await database.ColumnAsync("SELECT id FROM campaigns ORDER BY md5(natural_key) LIMIT 1000");
        if (options.PeerDescriptor is { } file)
        {
            await PeerDescriptor.WriteAsync(file, server, ids, [.. ListPaths()]);
            await Console.Error.WriteLineAsync($"READY {file}; enter ends it");
            await Console.In.ReadLineAsync();
            return;
        }

        await GetAsync(options, table, server, database, folder, ids);
        await ListAsync(options, table, server, database, folder);
        await CreateAsync(options, table, server, database, folder);
        table.Note(string.Create(CultureInfo.InvariantCulture, $"HTTP: {Wrk.Connections} connections by wrk, {options.Seconds} s; server's peak memory {server.PeakMegabytes:0} MB"));
    }

    private static async Task GetAsync(BenchmarkOptions options, ResultTable table, ServerProcess server, Database database, Scratch folder, IReadOnlyList<string> ids)
    {
        await File.WriteAllLinesAsync(folder.File("get"), ids.Select(i => $"/v1/campaigns/{i}"));
        await Beside(options, table, "get by id", server, database, "get.lua", new() { ["PATHS"] = folder.File("get") }, "get.sql", [.. ids.Select(i => new Dictionary<string, string> { ["id"] = i })]);
    }

    private static async Task ListAsync(BenchmarkOptions options, ResultTable table, ServerProcess server, Database database, Scratch folder)
    {
        await File.WriteAllLinesAsync(folder.File("list"), ListPaths());
        var windows = Enumerable.Range(0, Windows).Select(k => new Dictionary<string, string>
        {
            ["platform"] = CampaignRows.Platforms[k % CampaignRows.Platforms.Length],
            ["from"] = Iso(CampaignRows.FirstDay.AddDays(k * WindowDays)),
            ["before"] = Iso(CampaignRows.FirstDay.AddDays((k + 1) * WindowDays)),
        });
        await Beside(options, table, "list of 50, platform and 30 days, by date", server, database, "get.lua", new() { ["PATHS"] = folder.File("list") }, "list.sql", [.. windows]);
    }

    private static async Task CreateAsync(BenchmarkOptions options, ResultTable table, ServerProcess server, Database database, Scratch folder)
    {
        var row = CampaignRows.Json(123_457, "$ID");
        await File.WriteAllTextAsync(folder.File("create"), $"#ROW{row}#");
        await Beside(options, table, "create", server, database, "post.lua", new() { ["BODY"] = folder.File("create"), ["TARGET"] = "/v1/campaigns" }, "create.sql", [new Dictionary<string, string>()]);
        await File.WriteAllTextAsync(folder.File("batch"), $$"""{"items":[{{string.Join(',', Enumerable.Repeat($"#ROW{row}#", BatchRows))}}]}""");
        var batch = await QuietMachine.MeasureAsync("batch", table, () => Wrk.RunAsync(server, "post.lua", options.Seconds,
            new Dictionary<string, string> { ["BODY"] = folder.File("batch"), ["TARGET"] = "/v1/campaigns:batch" }));
        table.Add($"create of {BatchRows:#,0} in one request", batch.Rate * BatchRows, "rows/s", note: $"{batch}");
    }

    // One short run warms the code up; the longer one counts.
    private static async Task Beside(BenchmarkOptions options, ResultTable table, string what, ServerProcess server, Database database, string script, Dictionary<string, string> variables, string statement, IReadOnlyList<Dictionary<string, string>> values)
    {
        await Wrk.RunAsync(server, script, Math.Max(1, options.Seconds / 2), variables);
        var ours = await QuietMachine.MeasureAsync(what, table, () => Wrk.RunAsync(server, script, options.Seconds, variables));
        var limit = await QuietMachine.MeasureAsync($"pgbench {statement}", table, () => PgBench.RunAsync(database, statement, options.Seconds, values));
        table.Add(what, ours.Rate, "/s", limit, $"{ours}");
    }

    private static IEnumerable<string> ListPaths() => Enumerable.Range(0, Windows).Select(k =>
        $"/v1/campaigns?platform={CampaignRows.Platforms[k % CampaignRows.Platforms.Length]}&from={Iso(CampaignRows.FirstDay.AddDays(k * WindowDays))}&to={Iso(CampaignRows.FirstDay.AddDays((k + 1) * WindowDays))}&sort=-date&limit=50");

    private static string Iso(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
