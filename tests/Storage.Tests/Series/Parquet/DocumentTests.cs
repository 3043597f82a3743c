using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>The example of docs/parquet.md is the code of this test, and prints what the page shows.</summary>
public sealed class DocumentTests
{
    [Fact]
    public async Task The_pages_example_runs_as_it_stands()
    {
        var root = RepositoryRoot.Find()!.FullName;
        var page = await File.ReadAllTextAsync(Path.Combine(root, "docs", "parquet.md"), TestContext.Current.CancellationToken);
        var source = await File.ReadAllTextAsync(Path.Combine(root, "tests", "Storage.Tests", "Series", "Parquet", "DocumentTests.cs"), TestContext.Current.CancellationToken);
        var blocks = page.Split("```");
        Assert.Contains(Plain(blocks[1]["csharp".Length..]), Plain(source), StringComparison.Ordinal);
        Assert.Equal(blocks[3].Trim(), string.Join('\n', await ExampleAsync()));
    }

    private static async Task<List<string>> ExampleAsync()
    {
        var Console = new Lines();
#pragma warning disable xUnit1051 // The page is for those who have no test's token.
        var schema = new ColumnSchema(
            new ColumnField("symbol", ColumnType.String, IsNullable: false),
            new ColumnField("ts", ColumnType.Timestamp(TimeUnit.Microseconds), IsNullable: false),
            new ColumnField("close", ColumnType.Double));
        var bars = new ColumnBatch(
            schema,
            TextColumn.Of("ACME", "ACME", "ZETA"),
            new ValueColumn<long>(schema[1].Type, new[] { 1_717_200_000_000_000, 1_717_200_060_000_000, 1_717_200_000_000_000 }),
            new ValueColumn<double>(ColumnType.Double, new[] { 12.25, 12.5, 99 }));

        using var written = new MemoryStream();
        var summary = await ParquetWriter.WriteAsync(written, bars, new ParquetWriteOptions { Codec = ParquetCodec.Snappy });
        Console.WriteLine($"{summary.Rows} rows, closes from {summary.Bounds["close"].Min} to {summary.Bounds["close"].Max}");

        using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(written.ToArray()));
        var read = await file.ReadAsync(new ParquetScan { Columns = ["close"], Ranges = [new ColumnRange("symbol", "ACME", "ACME")] });
        Console.WriteLine(string.Join(", ", read.Values<double>("close").ToArray()));
#pragma warning restore xUnit1051
        return Console.All;
    }

    private static string Plain(string code) => string.Join('\n', code.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    private sealed class Lines
    {
        public List<string> All { get; } = [];

        public void WriteLine(string line) => All.Add(line);
    }
}
