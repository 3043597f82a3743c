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
                "files" => FilesBenchmark.RunAsync(options, table),
                "parquet" => ParquetBenchmark.RunAsync(options, table),
                "retail" => RetailBenchmark.RunAsync(options, table),
                "cache" => CacheAsync(options, table),
                _ => AllocationBenchmark.RunAsync(table),
            });
        }

        table.Print();
        return 0;
    }

    private static async Task CacheAsync(BenchmarkOptions options, ResultTable table)
    {
        await CacheBenchmark.RunAsync(options, table);
        await SharedCacheBenchmark.RunAsync(options, table);
    }

    private static IEnumerable<string> Needed(BenchmarkOptions options)
    {
        bool Chosen(params string[] suites) => options.Chosen.Any(suites.Contains);
        (string Program, string Package, bool IsNeeded)[] programs =
        [
            ("psql", "postgresql", Chosen("import", "export")), ("pgbench", "postgresql", Chosen("http")), ("wrk", "wrk", Chosen("http")),
            ("sqlite3", "sqlite3", Chosen("sqlite")), ("redis-server", "redis-server", Chosen("cache-outage")), ("openssl", "openssl", Chosen("files")),
        ];
        var missing = programs.Where(p => p.IsNeeded && Tools.Missing([p.Program]).Any()).Select(p => $"{p.Program} (Debian: {p.Package})");
        if (Chosen("cache") && !SharedCacheBenchmark.IsThere)
        {
            missing = missing.Append("Redis (CLOUDSTORE_TEST_REDIS; tests/servers/with starts one)");
        }

        bool needsPostgres = Chosen("import", "export", "http", "metrics", "retail", "cache", "cache-outage");
        return needsPostgres && !Database.IsThere ? missing.Append("Postgres (CLOUDSTORE_TEST_POSTGRES; tests/servers/with starts one)") : missing;
    }
}
