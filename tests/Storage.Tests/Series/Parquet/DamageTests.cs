using System.Buffers.Binary;
using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet;
using CloudStore.Storage.Series.Parquet.Metadata;
using CloudStore.Storage.Series.Parquet.Thrift;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>Files that are cut off, changed, or made to do harm: each is an error that says what is wrong, or gives data; none crashes, hangs or takes memory that it does not justify.</summary>
public sealed class DamageTests
{
    // What a read may take of memory at most is 64 MiB for a file of these sizes; arrays are handed out in powers of two.
    private const long MostBytes = 160L << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<ParquetCodec, bool> Kinds() => new([ParquetCodec.Uncompressed, ParquetCodec.Snappy, ParquetCodec.Gzip, ParquetCodec.Brotli, ParquetCodec.Zstd, ParquetCodec.Lz4Raw], [false, true]);

    [Fact]
    public async Task A_file_that_is_cut_anywhere_is_refused()
    {
        var whole = await SmallAsync(new());
        for (int length = 0; length < whole.Length; length++)
        {
            var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(whole.AsMemory(0, length)));
            Assert.Contains("small.parquet", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_with_any_one_bit_changed_is_refused_or_read(ParquetCodec codec, bool isV2)
    {
        var whole = await SmallAsync(new() { Codec = codec, DataPageV2 = isV2, PageRows = 16 });
        int refused = 0, read = 0;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            var changed = whole.ToArray();
            changed[bit >> 3] ^= (byte)(1 << (bit & 7));
            _ = await IsReadAsync(changed, $"bit {bit}") ? read++ : refused++;
        }

        Assert.True(refused > read / 10, $"{refused} refused, {read} read");
    }

    [Fact]
    public async Task With_CRCs_no_changed_bit_of_a_page_passes()
    {
        var whole = await SmallAsync(new() { PageCrc = true, PageRows = 16 });
        int footer = whole.Length - 8 - BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(^8));
        int pages = 0;
        foreach (var chunk in FileMetadata.Read(whole.AsSpan(footer..^8)).RowGroups[0].Columns)
        {
            for (long at = chunk.Start; at < chunk.Start + chunk.CompressedSize; pages++)
            {
                var (start, length) = Body(whole, at);
                for (int bit = start * 8; bit < (start + length) * 8; bit++)
                {
                    var changed = whole.ToArray();
                    changed[bit >> 3] ^= (byte)(1 << (bit & 7));
                    var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(changed));
                    Assert.Equal(("the page's CRC does not match its bytes", at), (error.Rule, error.Offset));
                }

                at = start + length;
            }
        }

        Assert.True(pages >= 12, $"{pages} pages");
    }

    [Fact]
    public async Task Bytes_put_anywhere_are_refused_or_read()
    {
        var random = new Random(11);
        var whole = await SmallAsync(new() { PageRows = 16 });
        for (int round = 0; round < 4000; round++)
        {
            var changed = whole.ToArray();
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int at = random.Next(changed.Length);
                random.NextBytes(changed.AsSpan(at, Math.Min(random.Next(1, 9), changed.Length - at)));
            }

            await IsReadAsync(changed, $"round {round}");
        }
    }

    [Fact]
    public async Task Changed_files_of_others_are_refused_or_read()
    {
        var random = new Random(12);
        foreach (var path in Directory.GetFiles(SharedData.File("parquet/good"), "*.parquet").Where(f => new FileInfo(f).Length < 20_000))
        {
            var whole = await File.ReadAllBytesAsync(path, Token);
            for (int round = 0; round < 300; round++)
            {
                var changed = whole.ToArray();
                for (int i = random.Next(1, 4); i > 0; i--)
                {
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                }

                await IsReadAsync(changed, $"{Path.GetFileName(path)}, round {round}");
            }
        }
    }

    [Theory]
    [InlineData("", "no Parquet file has fewer than 12")]
    [InlineData("PAR1PAR1", "no Parquet file has fewer than 12")]
    [InlineData("this is not what it says", "does not end in PAR1")]
    [InlineData("PAR1~~~~....PARE", "encrypted")]
    [InlineData("XXXX\u0015\u0000\u0000\u0000\u0002\u0000\u0000\u0000PAR1", "does not begin with PAR1")]
    [InlineData("PAR1\u00ff\u00ff\u00ff\u007fPAR1", "its footer has 2147483647 bytes, the file 12")]
    public async Task What_is_no_Parquet_file_says_so(string text, string rule)
    {
        var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(System.Text.Encoding.Latin1.GetBytes(text)));
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
        Assert.Equal("small.parquet", error.File);
    }

    [Fact]
    public async Task A_footer_that_nests_without_end_is_refused()
    {
        // A struct in a struct in a struct, in a field that the format does not have.
        var footer = Enumerable.Repeat((byte)0xFC, 1).Concat(Enumerable.Repeat((byte)0x1C, 100_000)).ToArray();
        var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(Framed("PAR1"u8.ToArray(), footer)));
        Assert.Contains("nests more than 32 deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_longer_than_its_file_is_refused()
    {
        // Field 2, a list of 2,000,000,000 structs.
        var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(Framed("PAR1"u8.ToArray(), [0x29, 0xFC, 0x80, 0xA8, 0xD6, 0xB9, 0x07])));
        Assert.Contains("list of 2000000000 elements", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_only_the_footer_has_take_no_memory()
    {
        // One run says that a page has two thousand million values, and the footer agrees.
        const int Rows = 2_000_000_000;
        using var body = new ByteBuffer();
        body.Write(FileMetadata.Magic);
        using (var page = new ByteBuffer())
        {
            page.Int32(6);
            page.Varint((ulong)Rows << 1);
            page.Byte(0);
            new PageHeader { Type = PageType.Data, Values = Rows, UncompressedSize = page.Length, CompressedSize = page.Length }.Write(new ThriftWriter(body));
            body.Write(page.Written);
        }

        var metadata = new FileMetadata { Version = 1, Rows = Rows };
        metadata.Schema.Add(new SchemaElement { Name = "schema", Children = 1 });
        metadata.Schema.Add(new SchemaElement { Name = "price", Type = PhysicalType.Double, Repetition = Repetition.Optional });
        var group = new RowGroupMetadata { Rows = Rows };
        group.Columns.Add(new ColumnMetadata { Type = PhysicalType.Double, Values = Rows, DataOffset = 4, CompressedSize = body.Length - 4 });
        metadata.RowGroups.Add(group);
        using var footer = new ByteBuffer();
        metadata.Write(new ThriftWriter(footer));
        var file = Framed(body.Written.ToArray(), footer.Written.ToArray());
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(file));
        Assert.Contains("column 'price'", error.Message, StringComparison.Ordinal);
        Assert.Contains("more than is left of the 67108864", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public async Task A_failure_names_file_column_place_and_rule()
    {
        var whole = await SmallAsync(new() { PageCrc = true, Codec = ParquetCodec.Uncompressed });
        var changed = whole.ToArray();
        // The first time it is the page's least value, in its header.
        int least = whole.AsSpan().IndexOf(BitConverter.GetBytes(1.25)), close = least + 8 + whole.AsSpan(least + 8).IndexOf(BitConverter.GetBytes(1.25));
        changed[close] ^= 1;
        var error = await Assert.ThrowsAsync<ParquetException>(() => ReadAsync(changed));
        Assert.Equal(("small.parquet", "close", "the page's CRC does not match its bytes"), (error.File, error.Column, error.Rule));
        Assert.InRange(error.Offset!.Value, close - 200, close);
        Assert.Equal($"small.parquet, column 'close', byte {error.Offset}: the page's CRC does not match its bytes.", error.Message);
    }

    private static (int Start, int Length) Body(byte[] file, long page)
    {
        var reader = new ThriftReader(file.AsSpan((int)page));
        var header = PageHeader.Read(ref reader);
        return ((int)page + reader.Position, header.CompressedSize);
    }

    private static byte[] Framed(byte[] body, byte[] footer)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        return [.. body, .. footer, .. length, .. "PAR1"u8];
    }

    private static Task<byte[]> SmallAsync(ParquetWriteOptions options)
    {
        const int Rows = 40;
        var schema = new ColumnSchema(
            new ColumnField("symbol", ColumnType.String),
            new ColumnField("ts", ColumnType.Timestamp(), IsNullable: false),
            new ColumnField("close", ColumnType.Double),
            new ColumnField("note", ColumnType.String));
        var words = Validity.Words(Rows);
        words[0] = 0xF7_FFFF_FFEF;
        var validity = new Validity(words, 0, Rows);
        var batch = new ColumnBatch(
            schema,
            new TextColumn(Enumerable.Range(0, Rows).Select(i => i % 3).ToArray(), TextColumn.Of("A", "BB", "ÇÇÇ"), Validity.All(Rows)),
            new ValueColumn<long>(schema[1].Type, Enumerable.Range(0, Rows).Select(i => 1_700_000_000_000_000 + i * 60_000_000L).ToArray()),
            new ValueColumn<double>(ColumnType.Double, Enumerable.Range(0, Rows).Select(i => validity[i] ? 1.25 + i * 0.01 : 0).ToArray(), validity),
            TextColumn.Of(Enumerable.Range(0, Rows).Select(i => validity[i] ? $"note {i * 7919}" : null)));
        return RoundTripTests.WriteAsync([batch], options);
    }

    private static async Task<ColumnBatch> ReadAsync(ReadOnlyMemory<byte> bytes)
    {
        using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(bytes, "small.parquet"), new() { Parallelism = 1 }, Token);
        return await file.ReadAsync(cancellationToken: Token);
    }

    private static async Task<bool> IsReadAsync(byte[] bytes, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = false;
        try
        {
            using var file = await ParquetFile.OpenAsync(new RandomAccessBytes(bytes, "small.parquet"), new() { Parallelism = 1 }, Token);
            var columns = file.Schema.Fields.Select(f => f.Name).ToList();
            var batch = await file.ReadAsync(new() { Columns = columns }, Token);
            if (columns.Contains("close") && file.Schema[file.Schema.IndexOf("close")].Type == ColumnType.Double)
            {
                await file.ReadAsync(new() { Columns = columns, Ranges = [new("close", 1.3, 1.35)] }, Token);
            }

            // What was read can be looked at.
            for (int i = 0; i < Math.Min(100, batch.RowCount); i++)
            {
                ColumnText.Line(batch, i);
            }

            isRead = true;
        }
        catch (ParquetException)
        {
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }

        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < MostBytes, $"{what}: took {taken} bytes");
        return isRead;
    }
}
