using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;

namespace CloudStore.Storage.Tests.Series.Parquet;

public sealed class RoundTripTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<ParquetCodec> Codecs() => [ParquetCodec.Uncompressed, ParquetCodec.Snappy, ParquetCodec.Gzip, ParquetCodec.Brotli, ParquetCodec.Zstd, ParquetCodec.Lz4Raw];

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task What_is_written_is_read_bit_for_bit_whatever_the_sizes(ParquetCodec codec)
    {
        var random = new Random((int)codec);
        for (int round = 0; round < 12; round++)
        {
            var batches = Enumerable.Range(0, random.Next(1, 5)).Select(i => new RandomBatch(round * 100 + i).Of(random.Next(0, 3000))).ToList();
            var options = new ParquetWriteOptions
            {
                Codec = codec,
                RowGroupRows = random.Next(1, 4000),
                RowGroupBytes = random.Next(2) == 0 ? 20_000 : 1 << 20,
                PageRows = random.Next(1, 1500),
                PageBytes = random.Next(200, 20_000),
                DataPageV2 = random.Next(2) == 0,
                PageCrc = random.Next(2) == 0,
                Parallelism = random.Next(3),
            };
            var bytes = await WriteAsync(batches, options);
            using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(bytes), cancellationToken: Token);
            var whole = ColumnBatch.Concat(batches);
            AssertSame(whole, await file.ReadAsync(cancellationToken: Token), $"round {round}");
            List<ColumnBatch> groups = [];
            await foreach (var group in file.ReadBatchesAsync(cancellationToken: Token))
            {
                groups.Add(group);
            }

            Assert.Equal(file.RowGroups.Count, groups.Count);
            if (groups.Count > 0)
            {
                AssertSame(whole, ColumnBatch.Concat(groups), $"round {round} by row groups");
            }
        }
    }

    [Theory]
    [InlineData("double", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.ByteStreamSplit)]
    [InlineData("float", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.ByteStreamSplit)]
    [InlineData("int64", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.ByteStreamSplit, ParquetEncoding.DeltaBinaryPacked)]
    [InlineData("int32", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.ByteStreamSplit, ParquetEncoding.DeltaBinaryPacked)]
    [InlineData("bool", ParquetEncoding.Plain, ParquetEncoding.Rle)]
    [InlineData("text", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.DeltaLengthByteArray, ParquetEncoding.DeltaByteArray)]
    [InlineData("bytes", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.DeltaLengthByteArray, ParquetEncoding.DeltaByteArray)]
    [InlineData("decimal18", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.DeltaBinaryPacked)]
    [InlineData("decimal38", ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.ByteStreamSplit)]
    public async Task Each_encoding_of_a_type_keeps_its_values(string column, params ParquetEncoding[] encodings)
    {
        foreach (var encoding in encodings)
        {
            for (int seed = 0; seed < 8; seed++)
            {
                var batch = new RandomBatch(seed).Of(777).Select(column);
                var bytes = await WriteAsync([batch], new() { Encodings = new Dictionary<string, ParquetEncoding> { [column] = encoding }, PageRows = 100, DataPageV2 = seed % 2 == 0 });
                using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(bytes), cancellationToken: Token);
                AssertSame(batch, await file.ReadAsync(cancellationToken: Token), $"{encoding}, seed {seed}");
            }
        }
    }

    [Fact]
    public async Task An_encoding_that_a_type_does_not_have_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync([new RandomBatch(1).Of(10)], new() { Encodings = new Dictionary<string, ParquetEncoding> { ["double"] = ParquetEncoding.DeltaByteArray } }));
        Assert.Contains("Column 'double' of type double cannot be encoded as DeltaByteArray", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync([new RandomBatch(1).Of(10)], new() { Encodings = new Dictionary<string, ParquetEncoding> { ["none"] = ParquetEncoding.Plain } }));
        Assert.Throws<ArgumentException>(() => new ParquetWriter(Stream.Null, RandomBatch.Schema, new() { Codec = ParquetCodec.Lz4Hadoop }));
        Assert.Throws<ParquetException>(() => new ParquetWriter(Stream.Null, RandomBatch.Schema, new() { Codec = ParquetCodec.Lzo }));
    }

    [Fact]
    public async Task A_frame_without_rows_and_one_without_columns_are_files_too()
    {
        var empty = new RandomBatch(1).Of(0);
        using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(await WriteAsync([empty], new() { KeyValues = new Dictionary<string, string> { ["näme"] = "wert" } })), cancellationToken: Token);
        Assert.Equal(RandomBatch.Schema, file.Schema);
        Assert.Equal(0, (await file.ReadAsync(cancellationToken: Token)).RowCount);
        Assert.Equal("wert", file.KeyValues["näme"]);
        Assert.StartsWith("CloudStore version", file.CreatedBy, StringComparison.Ordinal);
        using var none = await ParquetFile.OpenAsync(new RandomAccessBytes(await WriteAsync([new ColumnBatch(new ColumnSchema())], new())), cancellationToken: Token);
        Assert.Equal(0, none.Schema.Count);
    }

    [Fact]
    public async Task Columns_are_read_in_the_order_asked_for_and_others_not_at_all()
    {
        var batch = new RandomBatch(3).Of(2000);
        var bytes = new CountingBytes(await WriteAsync([batch], new() { Codec = ParquetCodec.Uncompressed }));
        using var file = await ParquetFile.OpenAsync(bytes, cancellationToken: Token);
        long footer = bytes.BytesRead;
        var read = await file.ReadAsync(new() { Columns = ["required", "int32"] }, Token);
        AssertSame(batch.Select("required", "int32"), read, "two columns");
        Assert.InRange(bytes.BytesRead - footer, 1, 2000 * 12 + 4096);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => file.ReadAsync(new() { Columns = ["nothing"] }, Token));
        Assert.Contains("no column 'nothing'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decimal_of_more_digits_than_its_type_is_refused()
    {
        foreach (int precision in new[] { 5, 15, 30 })
        {
            var limit = Int128.One;
            for (int i = 0; i < precision; i++)
            {
                limit *= 10;
            }

            var type = ColumnType.Decimal(precision, 2);
            var schema = new ColumnSchema(new ColumnField("amount", type));
            await WriteAsync([new ColumnBatch(schema, new ValueColumn<Int128>(type, new Int128[] { limit - 1, 1 - limit }))], new());
            var error = await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync([new ColumnBatch(schema, new ValueColumn<Int128>(type, new Int128[] { limit }))], new()));
            Assert.Contains("'amount'", error.Message, StringComparison.Ordinal);
        }
    }

    internal static async Task<byte[]> WriteAsync(IReadOnlyList<ColumnBatch> batches, ParquetWriteOptions options)
    {
        using var output = new MemoryStream();
        var summary = await ParquetWriter.WriteAsync(output, batches, options, Token);
        Assert.Equal(output.Length, summary.Bytes);
        Assert.Equal(batches.Sum(b => b.RowCount), summary.Rows);
        return output.ToArray();
    }

    internal static void AssertSame(ColumnBatch expected, ColumnBatch actual, string what)
    {
        Assert.Equal(expected.Schema, actual.Schema);
        Assert.Equal(expected.RowCount, actual.RowCount);
        for (int c = 0; c < expected.Columns.Count; c++)
        {
            var (a, b) = (expected.Columns[c], actual.Columns[c]);
            for (int i = 0; i < a.Length; i++)
            {
                Assert.True(Same(a.ValueAt(i), b.ValueAt(i)), $"{what}: {expected.Schema[c]}, row {i}: {a.ValueAt(i)} became {b.ValueAt(i)}");
            }
        }
    }

    // Bits decide, so that one NaN is another's equal only where it is the same.
    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        _ => Equals(left, right),
    };
}
