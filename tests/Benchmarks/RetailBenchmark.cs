using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace CloudStore.Benchmarks;

/// <summary>Sales in, and what is made from them: patterns of a thousand products, totals and the compliance check, all over every row.</summary>
internal static class RetailBenchmark
{
    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        SaleRows.WriteCsv(folder.File("sales.csv"), options.Rows);
        await using var database = await Database.CreateAsync();
        await using var clearDatabase = await Database.CreateAsync();
        List<double> rates = [], clearRates = [];
        await using (var importing = await ServerProcess.StartAsync(database.ConnectionString))
        await using (var clear = await ServerProcess.StartAsync(clearDatabase.ConnectionString, encrypts: false))
        {
            for (int run = 0; run < options.Runs; run++)
            {
                rates.Add(await ImportAsync(options, table, importing, database, folder.File("sales.csv")));
                clearRates.Add(await ImportAsync(options, table, clear, clearDatabase, folder.File("sales.csv")));
            }

            table.Add($"import of {options.Rows:#,0} sales over HTTP, against the same without encryption", ResultTable.Median(rates), "rows/s", ResultTable.Median(clearRates),
                $"server's peak memory {importing.PeakMegabytes:0} MB");
        }

        await database.ExecuteAsync("VACUUM ANALYZE sales");
        await database.ExecuteAsync("TRUNCATE access_keys");
        // A process of its own, so that its peak memory is that of the analyses alone.
        await using var server = await ServerProcess.StartAsync(database.ConnectionString);
        await PatternsAsync(server, options, table, "units");
        await PatternsAsync(server, options, table, "revenue");
        await TimeAsync(options, table, "totals by product", () => server.Client.GetStringAsync("/v1/retail/sales/totals?groupBy=product"));
        await TimeAsync(options, table, "compliance check", () => PostAsync(server, "compliance", "{}"));
        table.Add("peak memory of the server over all of these", server.PeakMegabytes, "MB");
    }

    private static async Task<double> ImportAsync(BenchmarkOptions options, ResultTable table, ServerProcess server, Database database, string file)
    {
        await database.ExecuteAsync("TRUNCATE sales");
        await database.ExecuteAsync("CHECKPOINT");
        return await QuietMachine.MeasureAsync("import of sales", table, () => ImportBenchmark.ImportAsync(server, file, options.Rows, "retail.sales"));
    }

    private static async Task PatternsAsync(ServerProcess server, BenchmarkOptions options, ResultTable table, string measure)
    {
        List<double> seconds = [], queries = [];
        for (int run = 0; run < options.Runs; run++)
        {
            var answer = await QuietMachine.MeasureAsync($"patterns of {measure}", table, () => PostAsync(server, "patterns", $$"""{"measure":"{{measure}}"}"""));
            seconds.Add(answer.GetProperty("seconds").GetDouble());
            queries.Add(answer.GetProperty("querySeconds").GetDouble());
        }

        table.Add($"patterns of {SaleRows.Products:#,0} products over {options.Rows:#,0} sales, {measure}", ResultTable.Median(seconds), "s",
            note: $"{ResultTable.Median(queries):0.0} s of it waiting for the sales; peak memory so far {server.PeakMegabytes:0} MB");
    }

    private static async Task TimeAsync(BenchmarkOptions options, ResultTable table, string name, Func<Task> action)
    {
        List<double> seconds = [];
        for (int run = 0; run < options.Runs; run++)
        {
            seconds.Add(await QuietMachine.MeasureAsync(name, table, async () =>
            {
                var started = Stopwatch.GetTimestamp();
                await action();
                return Stopwatch.GetElapsedTime(started).TotalSeconds;
            }));
        }

        table.Add($"{name} over {options.Rows:#,0} sales", ResultTable.Median(seconds), "s");
    }

    private static async Task<JsonElement> PostAsync(ServerProcess server, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await server.Client.PostAsync($"/v1/retail/{path}", content);
        return JsonElement.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }
}
