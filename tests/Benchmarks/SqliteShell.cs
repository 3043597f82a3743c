using System.Diagnostics;

namespace CloudStore.Benchmarks;

/// <summary>What sqlite3 takes to insert rows that are there already into the same table with the same indexes: what an import into SQLite cannot go below by much.</summary>
internal static class SqliteShell
{
    private const int Transaction = 100_000;

    /// <returns>Rows per second.</returns>
    public static async Task<double> CopyAsync(string records, string copy, int rows, ResultTable table)
    {
        var schema = await Tools.RunAsync("sqlite3", [records, ".schema campaigns"]);
        await Tools.RunAsync("sqlite3", [copy, $"PRAGMA page_size=8192; PRAGMA journal_mode=WAL; {schema}"]);
        // With a condition the rows are inserted one by one; without, pages would be copied as they are.
        var inserts = Enumerable.Range(0, (rows + Transaction - 1) / Transaction)
            .Select(i => $"INSERT INTO main.campaigns SELECT * FROM records.campaigns WHERE rowid > {i * Transaction} AND rowid <= {(i + 1) * Transaction};");
        var script = $"ATTACH '{records}' AS records; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8192; {string.Concat(inserts)} SELECT count(*) FROM main.campaigns";
        return await QuietMachine.MeasureAsync("sqlite3", table, async () =>
        {
            var started = Stopwatch.GetTimestamp();
            var output = await Tools.RunAsync("sqlite3", [copy, script]);
            double rate = rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
            return output.TrimEnd().EndsWith($"{rows}", StringComparison.Ordinal) ? rate : throw new InvalidOperationException($"sqlite3 answered {output}");
        });
    }
}
