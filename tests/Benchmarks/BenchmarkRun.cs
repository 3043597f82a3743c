namespace CloudStore.Benchmarks;

/// <summary>Runs the chosen benchmarks and prints one table.</summary>
internal static class BenchmarkRun
{
    /// <returns>The exit code: 69 where a program or a server that is needed is not there.</returns>
    public static async Task<int> RunAsync(BenchmarkOptions options)
    {
        var missing = Needed(options).ToList();
        if (missing.Count > 0)
        {
            await Console.Error.WriteLineAsync($"Needed and not there: {string.Join(", ", missing)}.");
            return 69;
        }

        QuietMachine.Patience = options.Wait;
        var table = new ResultTable();
        foreach (var suite in options.Chosen)
        {
            await (suite switch
            {
                "import" => ImportBenchmark.PostgresAsync(options, table),
                "sqlite" => ImportBenchmark.SqliteAsync(options, table),
                "http" => HttpBenchmark.RunAsync(options, table),
                "audit" => AuditBenchmark.RunAsync(options, table),
                "metrics" => MetricsBenchmark.RunAsync(options, table),
                "protection" => ProtectionBenchmark.RunAsync(options, table),
                "export" => ExportBenchmark.RunAsync(options, table),
                "cache-outage" => CacheOutageBenchmark.RunAsync(options, table),
                "retail" => RetailBenchmark.RunAsync(options, table),
                _ => AllocationBenchmark.RunAsync(table),
            });
        }

        table.Print();
        return 0;
    }

    private static IEnumerable<string> Needed(BenchmarkOptions options)
    {
        string[] programs = [.. options.Chosen.Any(s => s is "import" or "export") ? ["psql"] : Array.Empty<string>(), .. options.Chosen.Contains("http") ? ["wrk", "pgbench"] : Array.Empty<string>(),
            .. options.Chosen.Contains("cache-outage") ? ["redis-server"] : Array.Empty<string>()];
        var missing = Tools.Missing(programs).Select(p => p == "wrk" ? "wrk (Debian: wrk)" : p == "redis-server" ? "redis-server (Debian: redis-server)" : $"{p} (Debian: postgresql)");
        bool needsPostgres = options.Chosen.Any(s => s is "import" or "export" or "http" or "cache-outage" or "metrics" or "retail");
        return needsPostgres && !Database.IsThere ? missing.Append("Postgres (CLOUDSTORE_TEST_POSTGRES; tests/servers/with starts one)") : missing;
    }
}
