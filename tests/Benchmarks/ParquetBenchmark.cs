using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;

namespace CloudStore.Benchmarks;

/// <summary>Minute bars of 20 symbols written as a file for each and read back, beside DuckDB on the same bars where CLOUDSTORE_TEST_DUCKDB names it.</summary>
internal static class ParquetBenchmark
{
    private const int Symbols = 20, MostRows = 10_000_000, SymbolRead = 7;
    private const long June = 1_717_200_000_000_000, July = 1_719_792_000_000_000;

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        int each = Math.Min(options.Rows == new BenchmarkOptions { Chosen = [] }.Rows ? MostRows : options.Rows, MostRows) / Symbols;
        using var scratch = new Scratch();
        var folder = Directory.CreateDirectory(scratch.File("ours")).FullName;
        var bars = Enumerable.Range(0, Symbols).Select(s => MinuteBars.Of(s, each)).ToList();
        long bytes = 0, monthRows = 0;
        double write = await MillisecondsAsync(options, async () =>
        {
            bytes = 0;
            foreach (var (symbol, batch) in bars.Index())
            {
                await using var file = new FileStream(File(folder, symbol), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
                bytes += (await ParquetWriter.WriteAsync(file, batch)).Bytes;
            }
        });
        bars.Clear();
        double all = await MillisecondsAsync(options, () => EachAsync(folder, null, _ => { }));
        double sum = 0;
        double two = await MillisecondsAsync(options, () => EachAsync(folder, ["close", "volume"], batch =>
        {
            foreach (double close in batch.Values<double>("close"))
            {
                sum += close;
            }

            foreach (long volume in batch.Values<long>("volume"))
            {
                sum += volume;
            }
        }));
        double one = await MillisecondsAsync(options, () => OneAsync(folder, null));
        double month = await MillisecondsAsync(options, async () => monthRows = (await OneAsync(folder, new ColumnRange("ts", June, July - 1))).RowCount);
        var theirs = await DuckDbAsync(options, folder, scratch.File("theirs"), table);
        long rows = (long)each * Symbols;
        Add(table, $"parquet: write {rows:#,0} bars of {Symbols} symbols, snappy", rows, write, theirs?.Write);
        Add(table, "parquet: read all columns of all; DuckDB sums them", rows, all, theirs?.All);
        Add(table, "parquet: two columns of all, and their sums", rows, two, theirs?.Two);
        Add(table, "parquet: one symbol whole, into arrays", each, one, theirs?.One);
        Add(table, "parquet: one symbol's month by statistics, into arrays", monthRows, month, theirs?.Month);
        table.Note(string.Create(CultureInfo.InvariantCulture, $"parquet: {bytes / (double)rows:0.00} bytes a bar{(theirs is null ? "" : $", DuckDB {theirs.Bytes / (double)rows:0.00}")}; the sum of closes and volumes is {sum / (options.Runs + 1):0.00}; peak memory {Environment.WorkingSet >> 20} MB"));
    }

    private static async Task EachAsync(string folder, string[]? columns, Action<ColumnBatch> use)
    {
        for (int symbol = 0; symbol < Symbols; symbol++)
        {
            using var file = await ParquetFile.OpenAsync(File(folder, symbol));
            use(await file.ReadAsync(new() { Columns = columns }));
        }
    }

    private static async Task<ColumnBatch> OneAsync(string folder, ColumnRange? range)
    {
        using var file = await ParquetFile.OpenAsync(File(folder, SymbolRead));
        return await file.ReadAsync(new() { Columns = ["ts", "open", "high", "low", "close", "volume"], Ranges = range is null ? [] : [range] });
    }

    private static string File(string folder, int symbol) => Path.Combine(folder, $"{MinuteBars.Symbol(symbol)}.parquet");

    private static async Task<double> MillisecondsAsync(BenchmarkOptions options, Func<Task> work)
    {
        List<double> times = [];
        for (int run = -1; run < options.Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            await work();
            if (run >= 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return ResultTable.Median(times);
    }

    private static void Add(ResultTable table, string what, long rows, double ours, double? theirs) =>
        table.Add(what, rows / ours / 1000, "M rows/s", theirs is null ? null : rows / theirs.Value / 1000, string.Create(CultureInfo.InvariantCulture, $"{ours:0.0} ms"));

    private static async Task<Times?> DuckDbAsync(BenchmarkOptions options, string ours, string scratch, ResultTable table)
    {
        if (Environment.GetEnvironmentVariable("CLOUDSTORE_TEST_DUCKDB") is not { Length: > 0 } modules || Tools.Missing("node").Any())
        {
            table.Note("parquet: without DuckDB beside it (CLOUDSTORE_TEST_DUCKDB and node; tests/servers/with installs it)");
            return null;
        }

        var script = Path.Combine(AppContext.BaseDirectory, "Scripts", "duckdb-parquet.mjs");
        return JsonSerializer.Deserialize<Times>(await Tools.RunAsync("node", [script, modules, ours, scratch, options.Runs.ToString(CultureInfo.InvariantCulture)]), JsonSerializerOptions.Web);
    }

    private sealed record Times(double Write, double All, double Two, double One, double Month, long Bytes);
}
