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
    public async Task A_file_is_read_as_DuckDB_reads_it(string path, int rows, string hash)
    {
        using var file = await ParquetFile.OpenAsync(SharedData.File(path), cancellationToken: Token);
        var batch = await file.ReadAsync(cancellationToken: Token);
        Assert.Equal(rows, batch.RowCount);
        Assert.Equal(rows, file.RowCount);
        Assert.Equal(hash, ColumnText.Hash(batch));
    }
}
