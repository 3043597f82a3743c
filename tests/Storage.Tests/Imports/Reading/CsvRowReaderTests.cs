using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

public class CsvRowReaderTests
{
    [Theory]
    [InlineData("a,b\n1,2\n3,4\n")]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("a,b\r1,2\r3,4\r")]
    [InlineData("a,b\r\n1,2\n3,4\r")]
    [InlineData("a,b\n1,2\n3,4")]
    [InlineData("a,b\n1,2\r3,4")]
    [InlineData("\n\r\n  \na,b\n\n1,2\n   \n\r\n3,4\n\n\n")]
    [InlineData("a,b\n1,2\n3,4\n\u001A")]
    [InlineData("\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"4\"")]
    [InlineData("a,b\n\"1\" ,2\n3,4\n")]
    [InlineData("\uFEFFa,b\n1,2\n3,4\n")]
    [InlineData("\uFEFF\uFEFFa,b\n1,2\n3,4\n")]
    [InlineData("ï»¿\"a\",b\n1,2\n3,4\n")]
    [InlineData("sep=,\na,b\n1,2\n3,4\n")]
    public async Task Every_line_end_and_wrapping_gives_the_same_rows(string text)
    {
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync(text);
        Assert.Equal(["a", "b"], reader.Columns);
        Assert.Equal(["1|2", "3|4"], ReadRows.Good(rows));
        Assert.Equal(2, rows.Count);
    }

    [Fact]
    public async Task Quoted_fields_hold_delimiters_line_ends_and_doubled_quotes()
    {
        (_, List<Row> rows) = await ReadRows.AllAsync("a,b,c\n\"x,y\",\"l1\r\nl2\nl3\",\"say \"\"hi\"\"\"\n\"\"\"\",\"\"\"a\"\"\",\"b\"\"\"\nlast,1,2\n");
        Assert.Equal(["x,y|l1\r\nl2\nl3|say \"hi\"", "\"|\"a\"|b\"", "last|1|2"], ReadRows.Good(rows));
        Assert.Equal([2L, 5L, 6L], rows.Select(r => r.Line));
    }

    [Fact]
    public async Task Unescaped_fields_of_one_row_stay_valid_together()
    {
        await using RowReader reader = await ReadRows.OpenAsync("a,b,c\n\"1\"\"1\",\"2\"\"2\",\"3\"\"3\"\n"u8.ToArray());
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        ReadOnlySpan<byte> first = reader.Field(0), second = reader.Field(1), third = reader.Field(2);
        Assert.True(first.SequenceEqual("1\"1"u8) && second.SequenceEqual("2\"2"u8) && third.SequenceEqual("3\"3"u8));
    }

    [Fact]
    public async Task A_field_with_nothing_in_it_is_null_and_a_quoted_empty_one_is_text()
    {
        await using RowReader reader = await ReadRows.OpenAsync("a,b,c\n,\"\", \n"u8.ToArray());
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal([FieldKind.Null, FieldKind.Text, FieldKind.Text], [reader.KindOf(0), reader.KindOf(1), reader.KindOf(2)]);
        Assert.True(reader.Field(1).IsEmpty);
        Assert.Equal(FieldKind.Null, reader.KindOf(3));
    }

    [Fact]
    public async Task A_quote_inside_an_unquoted_field_is_literal()
    {
        (_, List<Row> rows) = await ReadRows.AllAsync("a,b\n5\" pipe,6\"\"\n x\"y\",2\n");
        Assert.Equal(["5\" pipe|6\"\"", " x\"y\"|2"], ReadRows.Good(rows));
    }

    [Theory]
    [InlineData("1,2", "ragged", "2 fields but the header has 3")]
    [InlineData("1,2,3,4", "ragged", "4 fields but the header has 3")]
    [InlineData("1", "ragged", "1 field but the header has 3")]
    [InlineData("1,\"a\"b,3", "text-after-quote", "closing quote")]
    [InlineData("1,\"Hey, I missed \" it\",3", "text-after-quote", "closing quote")]
    [InlineData("1,\"open,3", "quote-not-closed", "not closed")]
    public async Task A_bad_row_is_a_fault_and_its_neighbours_load(string bad, string rule, string reason)
    {
        await using RowReader reader = await ReadRows.OpenAsync(System.Text.Encoding.UTF8.GetBytes($"a,b,c\n1,2,3\n{bad}\n4,5,6\n7,8,9\n"));
        var good = new List<Row>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (reader.Fault is not { } fault)
            {
                good.Add(ReadRows.Current(reader));
                continue;
            }

            Assert.Equal(rule, fault.Rule);
            Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
            Assert.Equal(3, reader.Line);
            Assert.Equal(bad, System.Text.Encoding.UTF8.GetString(reader.Raw));
        }

        Assert.Equal(["1|2|3", "4|5|6", "7|8|9"], ReadRows.Good(good));
    }

    [Theory]
    [InlineData("1,2,3,")]
    [InlineData("1,2,3,,,,")]
    public async Task Empty_fields_behind_the_last_column_are_accepted(string row)
    {
        (_, List<Row> rows) = await ReadRows.AllAsync($"a,b,c\n{row}\n");
        Assert.Equal(["1|2|3"], ReadRows.Good(rows));
    }

    [Fact]
    public async Task A_stray_quote_that_meets_the_next_rows_quote_costs_one_line()
    {
        (_, List<Row> rows) = await ReadRows.AllAsync("a,b\n1,\"open\n2,\"b\"\n3,\"c\"\n");
        Assert.Equal(["2|b", "3|c"], ReadRows.Good(rows));
        Assert.Equal(2, Assert.Single(rows, r => r.Rule is not null).Line);
    }

    [Fact]
    public async Task Quotes_that_close_on_every_next_line_cost_time_in_proportion_to_the_file()
    {
        const int lines = 60_000;
        string text = "a,b,c\n" + string.Concat(Enumerable.Repeat("x\",\"\n", lines));
        (_, List<Row> rows) = await ReadRows.AllAsync(text);
        Assert.Equal(lines, rows.Count);
        Assert.All(rows, row => Assert.NotNull(row.Rule));
    }

    [Fact]
    public async Task A_single_line_of_50_MB_is_skipped_in_bounded_memory()
    {
        const int length = 50_000_000;
        var file = new RepeatedStream("a,b\n1,2\n"u8.ToArray(), (byte)'x', length, "\n3,4\n"u8.ToArray());
        await using RowReader reader = await RowReaders.OpenAsync(_ => new(file), file.Length, ReadRows.Defaults, null, TestContext.Current.CancellationToken);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var rows = new List<Row>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(ReadRows.Current(reader));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
        Assert.Equal([null, "row-too-long", null], rows.Select(r => r.Rule));
        Assert.Equal([2L, 3L, 4L], rows.Select(r => r.Line));
        Assert.Equal(["1|2", "3|4"], ReadRows.Good(rows));
        Assert.Equal(file.Length, rows[^1].Offset);
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(11, "row-too-long")]
    [InlineData(12, "row-too-long")]
    [InlineData(13, "row-too-long")]
    [InlineData(1000, "row-too-long")]
    public async Task The_longest_row_is_exact_whatever_the_line_end(int length, string? rule)
    {
        foreach (string end in new[] { "\n", "\r\n", "\r" })
        {
            (_, List<Row> rows) = await ReadRows.AllAsync($"a{end}{new string('x', length)}{end}z{end}", new ReadOptions { MaxRowBytes = 10 }, chunk: 3);
            Assert.Equal([rule, null], rows.Select(r => r.Rule));
            Assert.Equal("z", rows[1].Fields[0]);
            Assert.Equal(3, rows[1].Line);
        }
    }

    [Fact]
    public async Task A_quote_open_for_longer_than_a_row_may_be_costs_one_line()
    {
        string text = "a,b\n1,\"open\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"{i},x\n"));
        (_, List<Row> rows) = await ReadRows.AllAsync(text, new ReadOptions { MaxRowBytes = 1000 });
        Assert.Equal("quote-not-closed", rows[0].Rule);
        Assert.Equal(500, ReadRows.Good(rows).Length);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n\n \r\n", "empty")]
    [InlineData(",,\n1,2,3\n", "header")]
    [InlineData("a,\"b\n1,2\n", "header")]
    public async Task A_file_without_a_usable_header_is_refused(string text, string rule) =>
        Assert.Equal(rule, (await ReadRows.RefusedAsync(System.Text.Encoding.UTF8.GetBytes(text))).Rule);

    [Fact]
    public async Task Rows_do_not_allocate()
    {
        byte[] file = System.Text.Encoding.UTF8.GetBytes("a,b,c\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},\"q \"\"{i}\"\"\",2024-01-01\n")));
        await using RowReader reader = await ReadRows.OpenAsync(file);
        for (int i = 0; i < 100; i++) Assert.True(Touch(reader, await reader.ReadAsync(TestContext.Current.CancellationToken)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int rows = 0;
        while (Touch(reader, await reader.ReadAsync(TestContext.Current.CancellationToken))) rows++;
        Assert.Equal(19_900, rows);
        // Less than four bytes a row, the runtime's own bookkeeping: the smallest object takes 24.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    private static bool Touch(RowReader reader, bool read) => read && reader.Field(1).Length > 0 && reader.Fault is null;
}
