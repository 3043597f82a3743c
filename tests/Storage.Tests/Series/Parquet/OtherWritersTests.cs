using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>Files that other programs wrote. The hashes are of what DuckDB 1.5.6 reads, put in words as <see cref="ColumnText"/> does.</summary>
public sealed class OtherWritersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("parquet/good/alltypes_dictionary.parquet", 2, "ea3277864d675da7aca3280317bbfd51")]
    [InlineData("parquet/good/alltypes_plain.parquet", 8, "bb85e724e7ac55706c7cb52827da7b2a")]
    [InlineData("parquet/good/alltypes_tiny_pages.parquet", 7300, "1d0833f8d13a0fac5791af491c40b9d4")]
    [InlineData("parquet/good/binary.parquet", 12, "baa09da29612833c44584e3d4d2874b6")]
    [InlineData("parquet/good/brotli_compressed.parquet", 4, "d9d2e5e81704f2f2ee11a0c75316b952")]
    [InlineData("parquet/good/byte_array_decimal.parquet", 24, "cdc6ebceccab1625a8b9d015b56eba58")]
    [InlineData("parquet/good/byte_stream_split.zstd.parquet", 300, "a0250b7e6beeeb19b503efcd4d154d72")]
    [InlineData("parquet/good/concatenated_gzip_members.parquet", 513, "ddd57a109ce34f05d64954f62a65d239")]
    [InlineData("parquet/good/data_index_bloom_encoding_stats.parquet", 14, "70559b12747773259d2111bb33c9d27c")]
    [InlineData("parquet/good/datapage_v1-snappy-compressed-checksum.parquet", 5120, "b421104e2e7c4874e3b9ef6f8271965a")]
    [InlineData("parquet/good/delta_binary_packed.parquet", 200, "c4c815e352a0f33690edad0d53fc55e0")]
    [InlineData("parquet/good/delta_encoding_required_column.parquet", 100, "5d111a8bfb436aba8d4af8fdf764dc5e")]
    [InlineData("parquet/good/dict-page-offset-zero.parquet", 39, "87fe1a2b3dce51e535b5c99f78f77e30")]
    [InlineData("parquet/good/duckdb5533.parquet", 4, "3780e7cfb79b47eaefc14a3c2faf387e")]
    [InlineData("parquet/good/gzip-nation.impala.parquet", 25, "f18431dff359646c15fce0e01b304c51")]
    [InlineData("parquet/good/int32_decimal.parquet", 24, "cdc6ebceccab1625a8b9d015b56eba58")]
    [InlineData("parquet/good/int32_with_null_pages.parquet", 1000, "f9becd1950da8208ce83c5fdfb450848")]
    [InlineData("parquet/good/lz4_raw_compressed.parquet", 4, "d9d2e5e81704f2f2ee11a0c75316b952")]
    [InlineData("parquet/good/nation.plain.parquet", 25, "f18431dff359646c15fce0e01b304c51")]
    [InlineData("parquet/good/page_v2_empty_compressed.parquet", 10, "49583d26538d3b0a66f4332e97ffeaee")]
    [InlineData("parquet/good/plain-dict-uncompressed-checksum.parquet", 1000, "7fd4c1988528f731b5c2875de65d7918")]
    [InlineData("parquet/good/rle_boolean_encoding.parquet", 68, "457bcf686e997b135705c58ef74068e7")]
    [InlineData("parquet/good/rowgroups.parquet", 15, "3d39f1cf5fcc01ee4e30355fb7601b0c")]
    [InlineData("parquet/good/single_nan.parquet", 1, "38e0b9de817f645c4bec37c0d4a3e58b")]
    [InlineData("parquet/good/sort_columns.parquet", 6, "6bdb68ab0510630671eb67b6584291ab")]
    // Its indices have no bits, which crashed a reader once. The format allows it, and alltypes_tiny_pages has the same.
    [InlineData("parquet/bad/ARROW-GH-43605.parquet", 21186, "96a9187fb1b559b0faf6df10dc7c2082")]
    [InlineData("delta/data-reader-primitives/part-00001-09e47b80-36c2-4475-a810-fbd8e7994971-c000.snappy.parquet", 6, "285b5f9e87a1800bb3cf11f5ac2029be")]
    [InlineData("delta/data-reader-date-types-UTC/part-00001-0108113a-2933-41b3-b9a6-e68bb9ed25cc-c000.snappy.parquet", 1, "05da406acecb2dbe145ba0a9e27420d5")]
    [InlineData("delta/data-skipping-basic-stats-all-types/part-00001-93fc8b78-4b92-45c7-ad3f-bb766e6d2e28-c000.snappy.parquet", 1, "87a74456f036c5840115cd858fb946e4")]
    [InlineData("delta/basic-with-inserts-updates/part-00001-13a6bfd9-3835-44dd-b4f1-465aa95b2bf4-c000.snappy.parquet", 50, "dc79d68473160a1e4b38d822afa86483")]
    public async Task A_file_is_read_as_DuckDB_reads_it(string path, int rows, string hash)
    {
        using var file = await ParquetFile.OpenAsync(SharedData.File(path), cancellationToken: Token);
        var batch = await file.ReadAsync(cancellationToken: Token);
        Assert.Equal(rows, batch.RowCount);
        Assert.Equal(rows, file.RowCount);
        Assert.Equal(hash, ColumnText.Hash(batch));
    }

    [Fact]
    public async Task Three_million_flights_have_the_sums_that_DuckDB_finds()
    {
        using var file = await ParquetFile.OpenAsync(SharedData.File("parquet/large/flights_3m.parquet"), cancellationToken: Token);
        var batch = await file.ReadAsync(cancellationToken: Token);
        Assert.Equal(3_000_000, batch.RowCount);
        var dates = batch.Values<long>("date").ToArray();
        Assert.Equal((978_307_260_000_000, 993_945_600_000_000), (dates.Min(), dates.Max()));
        Assert.Equal(Int128.Parse("2958522682120320000000", null), dates.Aggregate(Int128.Zero, (sum, d) => sum + d));
        Assert.Equal(20_003_603, batch.Values<long>("delay").ToArray().Sum());
        Assert.Equal(2_194_861_208, batch.Values<long>("distance").ToArray().Sum());
        foreach (var (name, count) in new[] { ("origin", 229), ("destination", 228) })
        {
            var text = batch.Text(name);
            Assert.NotNull(text.Dictionary);
            Assert.Equal(count, text.Indices.ToArray().Distinct().Count());
        }
    }

    [Fact]
    public async Task The_files_of_a_table_have_the_sums_that_DuckDB_finds()
    {
        long rows = 0, cases = 0, deaths = 0, fips = 0;
        var counties = new HashSet<string?>();
        foreach (var path in Directory.GetFiles(SharedData.File("delta/COVID-19_NYT"), "*.parquet"))
        {
            using var file = await ParquetFile.OpenAsync(path, cancellationToken: Token);
            await foreach (var batch in file.ReadBatchesAsync(cancellationToken: Token))
            {
                rows += batch.RowCount;
                cases += batch.Values<int>("cases").ToArray().Sum(v => (long)v);
                deaths += batch.Values<int>("deaths").ToArray().Sum(v => (long)v);
                fips += batch.RowCount - batch["fips"].NullCount;
                var county = batch.Text("county");
                counties.UnionWith(Enumerable.Range(0, county.Dictionary!.Length).Select(county.Dictionary.Text));
            }
        }

        Assert.Equal((1_111_930, 3_549_814_734, 77_892_677, 1_101_731, 1930), (rows, cases, deaths, fips, counties.Count));
    }

    [Fact]
    public async Task Timestamps_of_96_bits_reach_as_far_as_Spark_means_them()
    {
        var path = SharedData.File("parquet/good/int96_from_spark.parquet");
        using var file = await ParquetFile.OpenAsync(path, cancellationToken: Token);
        var batch = await file.ReadAsync(cancellationToken: Token);
        // The last is 290000-12-31: DuckDB and others that go by nanoseconds lose it.
        Assert.Equal([1_704_141_296_123_456, 1_704_070_800_000_000, 253_402_225_200_000_000, 1_735_599_600_000_000, null, 9_089_380_393_200_000_000], Enumerable.Range(0, 6).Select(i => (long?)batch.Columns[0].ValueAt(i)));
        using var exact = await ParquetFile.OpenAsync(path, new() { Int96Unit = TimeUnit.Nanoseconds }, Token);
        var error = await Assert.ThrowsAsync<ParquetException>(() => exact.ReadAsync(cancellationToken: Token));
        Assert.Contains("column 'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains("does not fit 64 bits of nanoseconds", error.Message, StringComparison.Ordinal);
        using var plain = await ParquetFile.OpenAsync(SharedData.File("parquet/good/alltypes_plain.parquet"), new() { Int96Unit = TimeUnit.Nanoseconds, BinaryAsText = true }, Token);
        var times = await plain.ReadAsync(new() { Columns = ["timestamp_col", "date_string_col"] }, Token);
        Assert.Equal(1_235_865_600_000_000_000, times.Values<long>("timestamp_col")[0]);
        Assert.Equal("03/01/09", times.Text("date_string_col").Text(0));
    }

    [Theory]
    [InlineData("ARROW-GH-41321", "column 'int64', byte 1313", "fewer values or levels than its header counts")]
    [InlineData("ARROW-RS-GH-6229-DICTHEADER", "column", "does not lie before the footer")]
    [InlineData("PARQUET-1481", "column 'Handle'", "of type -7, which the format does not have")]
    [InlineData("datapage_v1-corrupt-checksum", "column 'a', byte 4", "CRC does not match")]
    public async Task A_bad_file_is_refused_by_what_is_wrong_with_it(string name, string place, string rule)
    {
        var path = SharedData.File($"parquet/bad/{name}.parquet");
        var error = await Assert.ThrowsAsync<ParquetException>(async () =>
        {
            using var file = await ParquetFile.OpenAsync(path, cancellationToken: Token);
            await file.ReadAsync(new() { Columns = [.. file.Schema.Fields.Select(f => f.Name)] }, Token);
        });
        Assert.Equal(path, error.File);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nested_columns_are_refused_by_name_and_the_others_read()
    {
        using var nested = await ParquetFile.OpenAsync(SharedData.File("parquet/good/issue23.parquet"), cancellationToken: Token);
        Assert.Equal(["menu", "socialLinks"], nested.NestedColumns);
        var error = await Assert.ThrowsAsync<ParquetException>(() => nested.ReadAsync(new() { Columns = ["socialLinks"] }, Token));
        Assert.Equal("socialLinks", error.Column);
        Assert.Equal(1, (await nested.ReadAsync(new() { Columns = ["currency"] }, Token)).RowCount);
        using var file = await ParquetFile.OpenAsync(SharedData.File("parquet/good/datapage_v2.snappy.parquet"), cancellationToken: Token);
        error = await Assert.ThrowsAsync<ParquetException>(() => file.ReadAsync(cancellationToken: Token));
        Assert.Equal("e", error.Column);
        var batch = await file.ReadAsync(new() { Columns = ["a", "b", "c", "d"] }, Token);
        Assert.Equal(["abc|1|2|True", "abc|2|3|True", "abc|3|4|True", "|4|5|False", "abc|5|2|True"], Enumerable.Range(0, 5).Select(i => string.Join('|', batch.Columns.Select(c => c.ValueAt(i)))));
    }

    [Fact]
    public async Task The_values_of_a_list_are_read_with_their_levels()
    {
        using var file = await ParquetFile.OpenAsync(SharedData.File("parquet/good/datapage_v2.snappy.parquet"), cancellationToken: Token);
        Assert.Equal(["a", "b", "c", "d", "e.list.element"], file.LeafPaths);
        var list = await file.ReadNestedAsync("e.list.element", Token);
        // [1, 2, 3], nothing, nothing, [1, 2, 3], [1, 2]
        Assert.Equal([1, 2, 3, null, null, 1, 2, 3, 1, 2], Enumerable.Range(0, list.Values.Length).Select(i => (int?)list.Values.ValueAt(i)));
        Assert.Equal([0, 1, 1, 0, 0, 0, 1, 1, 0, 1], list.RepetitionLevels);
        Assert.Equal((list.MaxRepetition, 2), (1, list.DefinitionLevels.Distinct().Count()));
    }
}
