using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;

namespace CloudStore.Storage.Tests.Series.Parquet;

public sealed class SkippingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_symbol_is_read_without_the_row_groups_and_pages_of_others()
    {
        var bytes = new CountingBytes(await RoundTripTests.WriteAsync([Bars(20_000)], new() { Codec = ParquetCodec.Uncompressed, RowGroupRows = 5000, PageRows = 250 }));
        using var file = await ParquetFile.OpenAsync(bytes, cancellationToken: Token);
        long footer = bytes.BytesRead;
        // Symbols of 2,000 rows: the fourth is in the second row group only, rows 1,000 to 3,000 of it.
        var batch = await file.ReadAsync(new() { Columns = ["noise"], Ranges = [new("symbol", "S03", "S03")] }, Token);
        Assert.Equal(2000, batch.RowCount);
        Assert.Equal(Noise(6000), batch.Values<double>("noise")[0]);
        Assert.Equal(Noise(7999), batch.Values<double>("noise")[^1]);
        Assert.InRange(bytes.BytesRead - footer, 2000 * 8, 2000 * 8 + 6000);
        Assert.Equal(0, (await file.ReadAsync(new() { Ranges = [new("symbol", "T", null)] }, Token)).RowCount);
    }

    [Fact]
    public async Task No_row_of_a_range_is_ever_left_out()
    {
        var random = new Random(5);
        for (int round = 0; round < 150; round++)
        {
            var batch = new RandomBatch(round).Of(random.Next(1, 4000));
            var options = new ParquetWriteOptions { RowGroupRows = random.Next(1, 3000), PageRows = random.Next(1, 400), DataPageV2 = round % 2 == 0, StatisticBytes = 8 + round % 3 };
            using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(await RoundTripTests.WriteAsync([batch], options)), new() { Parallelism = 1 + round % 2 }, Token);
            var fields = batch.Schema.Fields.Where(f => f.Type.Kind != ColumnKind.Binary).ToList();
            var field = fields[random.Next(fields.Count)];
            var column = batch[field.Name];
            var (low, high) = (column.ValueAt(random.Next(column.Length)), column.ValueAt(random.Next(column.Length)));
            var range = new ColumnRange(field.Name, low, high);
            var read = await file.ReadAsync(new() { Ranges = [range] }, Token);
            var expected = Lines(batch, range);
            Assert.NotEmpty(batch.Columns);
            Assert.True(expected.SequenceEqual(Lines(read, range)), $"round {round}: {field} from {low} to {high}: {expected.Count} rows");
        }
    }

    [Fact]
    public async Task Ranges_of_several_columns_are_all_to_hold()
    {
        var bytes = await RoundTripTests.WriteAsync([Bars(20_000)], new() { RowGroupRows = 5000, PageRows = 250 });
        using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(bytes), cancellationToken: Token);
        var batch = await file.ReadAsync(new() { Ranges = [new("symbol", "S03", "S04"), new("row", 7900L, 8100L)] }, Token);
        Assert.Equal((7750L, 8249L), (batch.Values<long>("row")[0], batch.Values<long>("row")[^1]));
        Assert.Equal(500, batch.RowCount);
        await Assert.ThrowsAsync<ArgumentException>(() => file.ReadAsync(new() { Ranges = [new("row", 1, 2)] }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => file.ReadAsync(new() { Ranges = [new("none", 1, 2)] }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => file.ReadAsync(new() { RowGroups = [4] }, Token));
        Assert.Equal(5000, (await file.ReadAsync(new() { RowGroups = [3] }, Token)).RowCount);
    }

    [Fact]
    public async Task Statistics_tell_what_is_there_without_NaN_and_cover_both_zeros()
    {
        var schema = new ColumnSchema(new ColumnField("price", ColumnType.Double), new ColumnField("nan", ColumnType.Double), new ColumnField("zero", ColumnType.Float));
        var batch = new ColumnBatch(
            schema,
            new ValueColumn<double>(ColumnType.Double, new[] { double.NaN, 3, double.NegativeInfinity, 0 }, new Validity([0b0111], 0, 4)),
            new ValueColumn<double>(ColumnType.Double, new[] { double.NaN, double.NaN, double.NaN, double.NaN }),
            new ValueColumn<float>(ColumnType.Float, new[] { 0f, 0f, 0f, 0f }));
        using var output = new MemoryStream();
        var summary = await ParquetWriter.WriteAsync(output, batch, cancellationToken: Token);
        using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(output.ToArray()), cancellationToken: Token);
        var bounds = file.RowGroups[0].Bounds;
        Assert.Equal(new ColumnBounds(double.NegativeInfinity, 3.0, true, true, 1), bounds["price"]);
        Assert.Equal((null, null, 0L), (bounds["nan"].Min, bounds["nan"].Max, bounds["nan"].NullCount!.Value));
        Assert.True(float.IsNegative((float)bounds["zero"].Min!) && !float.IsNegative((float)bounds["zero"].Max!));
        Assert.Equal(bounds["price"], summary.Bounds["price"]);
        Assert.Equal(4, (await file.ReadAsync(new() { Ranges = [new("nan", 1.0, 2.0)] }, Token)).RowCount);
    }

    [Fact]
    public async Task Long_text_is_cut_in_statistics_at_a_character_and_its_greatest_is_above_it()
    {
        var values = new[] { new string('ß', 40) + "x", new string('ß', 40) + "y", string.Concat(Enumerable.Repeat("\U0010FFFF", 30)) };
        foreach (var kept in new[] { values[..2], values })
        {
            using var output = new MemoryStream();
            var batch = new ColumnBatch(new ColumnSchema(new ColumnField("name", ColumnType.String)), TextColumn.Of(kept));
            var summary = await ParquetWriter.WriteAsync(output, batch, new() { StatisticBytes = 15 }, Token);
            var bounds = summary.Bounds["name"];
            using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(output.ToArray()), cancellationToken: Token);
            Assert.Equal(bounds, file.RowGroups[0].Bounds["name"]);
            if (kept.Length == 2)
            {
                Assert.Equal(new ColumnBounds(new string('ß', 7), new string('ß', 6) + "à", false, false, 0), bounds);
            }
            else
            {
                // Nothing is above the last character there is: then nothing is said.
                Assert.Equal((null, null), (bounds.Min, bounds.Max));
            }
        }
    }

    private static double Noise(int row) => row * 1.0001 % 17;

    private static ColumnBatch Bars(int rows)
    {
        var schema = new ColumnSchema(new ColumnField("symbol", ColumnType.String), new ColumnField("row", ColumnType.Int64), new ColumnField("noise", ColumnType.Double));
        return new ColumnBatch(
            schema,
            TextColumn.Of(Enumerable.Range(0, rows).Select(i => $"S{i / 2000:00}")),
            new ValueColumn<long>(ColumnType.Int64, Enumerable.Range(0, rows).Select(i => (long)i).ToArray()),
            new ValueColumn<double>(ColumnType.Double, Enumerable.Range(0, rows).Select(Noise).ToArray()));
    }

    private static List<string> Lines(ColumnBatch batch, ColumnRange range)
    {
        var column = batch[range.Column];
        return [.. Enumerable.Range(0, batch.RowCount).Where(i => IsInside(column.ValueAt(i), range)).Select(i => ColumnText.Line(batch, i))];
    }

    private static bool IsInside(object? value, ColumnRange range) =>
        !(value is double.NaN or float.NaN) && (value is not null || (range.Min is null && range.Max is null)) && (range.Min is null || Compare(value!, range.Min) >= 0) && (range.Max is null || Compare(value!, range.Max) <= 0);

    // As the format orders: text by its bytes.
    private static int Compare(object left, object right) => (left, right) switch
    {
        (string a, string b) => System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b)),
        _ => ((IComparable)left).CompareTo(right),
    };
}
