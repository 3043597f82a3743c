using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>What one of the two writes the other reads, value for value.</summary>
public sealed class DuckDbTests
{
    // DuckDB's own types hold these in full.
    private static readonly string[] Shared = ["symbol/=é 名", "double", "float", "int64", "int32", "bool", "text", "bytes", "us", "decimal9", "decimal18", "decimal38", "required"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DuckDB_reads_every_value_of_our_files()
    {
        using var folder = new TempFolder();
        List<string> statements = [], hashes = [];
        int number = 0;
        foreach (var codec in new[] { ParquetCodec.Uncompressed, ParquetCodec.Snappy, ParquetCodec.Gzip, ParquetCodec.Brotli, ParquetCodec.Zstd, ParquetCodec.Lz4Raw })
        {
            foreach (bool isV2 in new[] { false, true })
            {
                for (int seed = 0; seed < 2; seed++, number++)
                {
                    var batch = new RandomBatch(number).Of(1500).Select(Shared);
                    await WriteAsync(folder.File($"{number}.parquet"), batch, new() { Codec = codec, DataPageV2 = isV2, RowGroupRows = 700, PageRows = 300, PageCrc = seed == 0 });
                    hashes.Add(ColumnText.Hash(batch));
                    statements.Add($"hash:select * from '{folder.File($"{number}.parquet")}'");
                }
            }
        }

        Assert.Equal(hashes, await DuckDb.RunAsync(Token, statements));
    }

    [Fact]
    public async Task DuckDB_reads_each_encoding()
    {
        using var folder = new TempFolder();
        List<string> statements = [], hashes = [];
        foreach (var (column, encodings) in new (string, ParquetEncoding[])[]
        {
            ("double", [ParquetEncoding.Plain, ParquetEncoding.RleDictionary, ParquetEncoding.ByteStreamSplit]),
            ("int64", [ParquetEncoding.DeltaBinaryPacked]),
            ("int32", [ParquetEncoding.DeltaBinaryPacked, ParquetEncoding.RleDictionary]),
            ("bool", [ParquetEncoding.Rle]),
            ("text", [ParquetEncoding.Plain, ParquetEncoding.DeltaLengthByteArray, ParquetEncoding.DeltaByteArray, ParquetEncoding.RleDictionary]),
        })
        {
            foreach (var encoding in encodings)
            {
                for (int seed = 0; seed < 2; seed++)
                {
                    var batch = new RandomBatch(seed).Of(1000).Select(column);
                    var path = folder.File($"{column}-{encoding}-{seed}.parquet");
                    await WriteAsync(path, batch, new() { Encodings = new Dictionary<string, ParquetEncoding> { [column] = encoding }, PageRows = 300, DataPageV2 = seed % 2 == 0 });
                    hashes.Add(ColumnText.Hash(batch));
                    statements.Add($"hash:select * from '{path}'");
                }
            }
        }

        Assert.Equal(hashes, await DuckDb.RunAsync(Token, statements));
    }

    [Fact]
    public async Task DuckDB_takes_our_types_for_what_they_are_and_skips_by_our_statistics()
    {
        using var folder = new TempFolder();
        var schema = new ColumnSchema(
            new ColumnField("day", ColumnType.Date),
            new ColumnField("ms", ColumnType.Timestamp(TimeUnit.Milliseconds)),
            new ColumnField("us", ColumnType.Timestamp(TimeUnit.Microseconds)),
            new ColumnField("ns", ColumnType.Timestamp(TimeUnit.Nanoseconds, isUtc: false)),
            new ColumnField("row", ColumnType.Int64, IsNullable: false));
        // From 1969-12-22 on.
        long[] seconds = [.. Enumerable.Range(0, 20_000).Select(i => -864_000L + i * 97)];
        var batch = new ColumnBatch(
            schema,
            new ValueColumn<int>(ColumnType.Date, Array.ConvertAll(seconds, s => (int)Math.Floor(s / 86_400.0))),
            new ValueColumn<long>(schema[1].Type, Array.ConvertAll(seconds, s => s * 1000 + 1)),
            new ValueColumn<long>(schema[2].Type, Array.ConvertAll(seconds, s => s * 1_000_000 + 1)),
            new ValueColumn<long>(schema[3].Type, Array.ConvertAll(seconds, s => s * 1_000_000_000 + 1)),
            new ValueColumn<long>(ColumnType.Int64, Enumerable.Range(0, 20_000).Select(i => (long)i).ToArray()));
        var path = folder.File("times.parquet");
        await WriteAsync(path, batch, new() { RowGroupRows = 4000 });
        var lines = await DuckDb.RunAsync(
            Token,
            $"select min(day)::varchar d, epoch_us(min(ms)) ms, epoch_us(min(us)) us, epoch_ns(min(ns)) ns, typeof(any_value(ms)) t, typeof(any_value(ns)) n from '{path}'",
            $"select count(*) n, min(row) a, max(row) b from '{path}' where row between 7990 and 8010",
            $"select count(*) n from parquet_metadata('{path}') where path_in_schema = 'row' and stats_min_value = '4000' and stats_max_value = '7999' and num_values = 4000");
        Assert.Equal(
            [
                """{"d":"1969-12-22","ms":"-863999999000","us":"-863999999999","ns":"-863999999999999","t":"TIMESTAMP WITH TIME ZONE","n":"TIMESTAMP_NS"}""",
                """{"n":"21","a":"7990","b":"8010"}""",
                """{"n":"1"}""",
            ],
            lines);
    }

    [Fact]
    public async Task Every_value_of_DuckDBs_files_is_read()
    {
        using var folder = new TempFolder();
        const string Rows = """
            select i::bigint a, case when i % 7 = 0 then null else (i * 0.37)::double end b, 'name ' || (i % 50) c, case when i % 3 = 0 then null else 'text ' || hash(i) end d, (i % 1000)::integer e,
            i % 2 = 0 f, (i / 3.0)::decimal(18,4) g, (i * 1000003)::decimal(38,2) h, timestamp '1960-01-01' + to_minutes(i) k, (i % 100)::float l, (i * 37 % 100)::tinyint m, encode('b' || i) o, hash(i) p
            from range(0, 20000) t(i)
            """;
        string[] kinds = ["codec uncompressed", "codec snappy", "codec gzip", "codec zstd", "codec brotli", "codec lz4_raw", "codec snappy, parquet_version v2", "codec zstd, parquet_version v2, row_group_size 5000"];
        var statements = kinds.SelectMany((kind, i) => new[] { $"copy ({Rows}) to '{folder.File($"{i}.parquet")}' (format parquet, {kind})", $"hash:select * from '{folder.File($"{i}.parquet")}'" });
        var hashes = (await DuckDb.RunAsync(Token, statements)).Where(l => !l.StartsWith('{')).ToList();
        Assert.Equal(kinds.Length, hashes.Count);
        for (int i = 0; i < kinds.Length; i++)
        {
            using var file = await ParquetFile.OpenAsync(folder.File($"{i}.parquet"), cancellationToken: Token);
            Assert.Equal(hashes[i], ColumnText.Hash(await file.ReadAsync(cancellationToken: Token)));
        }
    }

    private static async Task WriteAsync(string path, ColumnBatch batch, ParquetWriteOptions options)
    {
        await using var file = File.Create(path);
        await ParquetWriter.WriteAsync(file, batch, options, Token);
    }
}
