using System.Text;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

public class JsonRowReaderTests
{
    [Fact]
    public async Task Objects_one_a_line_become_rows()
    {
        await using RowReader reader = await ReadRows.OpenAsync(
            "{\"a\":\"x\\\"\\u00e9\",\"b\":-1.50e3,\"c\":true}\r\n\n{\"c\":null,\"a\":\"\",\"d\":{\"k\":[1, 2]},\"e\":[]}\n{\"b\":1,\"b\":2}"u8.ToArray());
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal([FieldKind.Text, FieldKind.Number, FieldKind.Boolean], Kinds(reader));
        Assert.Equal("x\"é,-1.50e3,true", Fields(reader));
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["a", "b", "c", "d", "e"], reader.Columns);
        Assert.Equal([FieldKind.Text, FieldKind.Null, FieldKind.Null, FieldKind.Json, FieldKind.Json], Kinds(reader));
        Assert.Equal(",,,{\"k\":[1, 2]},[]", Fields(reader));
        Assert.Equal(3, reader.Line);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(",2,,,", Fields(reader));
        Assert.False(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{\"a\":}", "not-json")]
    [InlineData("{\"a\":1", "not-json")]
    [InlineData("{\"a\":1} x", "not-json")]
    [InlineData("{\"a\":NaN}", "not-json")]
    [InlineData("garbage", "not-json")]
    [InlineData("[1,2]", "not-an-object")]
    [InlineData("17", "not-an-object")]
    [InlineData("null", "not-an-object")]
    [InlineData("\"text\"", "not-an-object")]
    [InlineData("{\"a\":\"\\ud800\"}", "encoding")]
    public async Task A_bad_line_is_a_fault_of_that_line(string bad, string rule)
    {
        (_, List<Row> rows) = await ReadRows.AllAsync($"{{\"a\":1}}\n{bad}\n{{\"a\":2}}\n");
        Assert.Equal([null, rule, null], rows.Select(r => r.Rule));
        Assert.Equal(["1", "2"], ReadRows.Good(rows));
        Assert.Equal(bad, rows[1].Raw);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public async Task Deep_nesting_is_a_fault_and_never_recursion(int depth)
    {
        string deep = $"{{\"a\":{new string('[', depth)}\"]]\\\"]\"{new string(']', depth)}}}";
        (_, List<Row> rows) = await ReadRows.AllAsync($"{{\"a\":1}}\n{deep}\n{{\"a\":2}}\n");
        Assert.Equal([null, "too-deep", null], rows.Select(r => r.Rule));
        (_, rows) = await ReadRows.AllAsync($"[{{\"a\":1}},\n{deep},{{\"a\":2}}]");
        Assert.Equal([null, "too-deep", null], rows.Select(r => r.Rule));
        Assert.Equal(["1", "2"], ReadRows.Good(rows));
        Assert.Equal("not-json", (await ReadRows.RefusedAsync(Encoding.ASCII.GetBytes(new string('[', depth)))).Rule);
    }

    [Fact]
    public async Task The_deepest_nesting_accepted_is_exact()
    {
        string Nested(int depth) => $"{{\"a\":{new string('[', depth - 1)}{new string(']', depth - 1)}}}";
        foreach (string form in new[] { "{0}\n{1}\n", "[{0},{1}]" })
        {
            string text = form.Replace("{0}", Nested(64), StringComparison.Ordinal).Replace("{1}", Nested(65), StringComparison.Ordinal);
            Assert.Equal([null, "too-deep"], (await ReadRows.AllAsync(text)).Rows.Select(r => r.Rule));
        }
    }

    [Fact]
    public async Task The_elements_of_an_array_become_rows()
    {
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync("\n[ {\"a\":1,\n\"b\":\"]},{\\\\\"} ,\n7, {\"b\":2}\n, \"s\", [{}] ]\n\n", chunk: 2);
        Assert.Equal(FileFormat.JsonArray, reader.Format);
        Assert.Equal([null, "not-an-object", null, "not-an-object", "not-an-object"], rows.Select(r => r.Rule));
        Assert.Equal(["1|]},{\\", "∅|2"], ReadRows.Good(rows));
        Assert.Equal([2L, 4L, 4L, 5L, 5L], rows.Select(r => r.Line));
    }

    [Theory]
    [InlineData("[{\"a\":1},\n{\"a\":1} {\"a\":2}]", 2, 18)]
    [InlineData("[{\"a\":1},\n{\"a\":}]", 2, 15)]
    [InlineData("[{\"a\":1},\n]", 2, 10)]
    [InlineData("[{\"a\":1}\n\n", 3, 10)]
    [InlineData("[{\"a\":1}] x", 1, 10)]
    [InlineData("[{\"a\":1},{\"a\":[1", 1, 16)]
    public async Task A_break_in_an_array_names_its_place_behind_the_good_rows(string text, int line, int at)
    {
        await using RowReader reader = await ReadRows.OpenAsync(Encoding.UTF8.GetBytes(text), chunk: 1);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Null(reader.Fault);
        UnreadableFileException e = await Assert.ThrowsAsync<UnreadableFileException>(async () =>
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
            }
        });
        Assert.Equal("not-json", e.Rule);
        Assert.Contains($"line {line}, byte {at} ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"a\": 1,\n  \"b\": 2\n}\n", 1)]
    [InlineData("{\n  \"a\": 1,\n  \"b\": 2\n}\n{\n  \"a\": 1,\n  \"b\": 2\n}", 2)]
    [InlineData("{\"a\": 1, \"b\": 2}", 1)]
    public async Task Objects_over_several_lines_are_rows_too(string text, int count)
    {
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync(text, chunk: 3);
        Assert.Equal(FileFormat.JsonLines, reader.Format);
        Assert.Equal(Enumerable.Repeat("1|2", count), ReadRows.Good(rows));
    }

    [Theory]
    [InlineData("{\"a\":\"", "\"}\n", "{\"a\":1}\n", "{\"a\":2}\n")]
    [InlineData("{\"a\":\"", "\"},", "[{\"a\":1},", "{\"a\":2}]")]
    public async Task A_row_of_50_MB_is_skipped_in_bounded_memory(string open, string close, string before, string after)
    {
        var file = new RepeatedStream(Encoding.ASCII.GetBytes(before + open), (byte)'x', 50_000_000, Encoding.ASCII.GetBytes(close + after));
        await using RowReader reader = await RowReaders.OpenAsync(_ => new(file), file.Length, ReadRows.Defaults, null, TestContext.Current.CancellationToken);
        long start = GC.GetAllocatedBytesForCurrentThread();
        var rows = new List<Row>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(ReadRows.Current(reader));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - start, 0, 8 << 20);
        Assert.Equal([null, "row-too-long", null], rows.Select(r => r.Rule));
        Assert.Equal(["1", "2"], ReadRows.Good(rows));
    }

    [Fact]
    public async Task A_stream_without_end_gives_each_row_when_its_line_is_there()
    {
        var pipe = new System.IO.Pipelines.Pipe();
        await using RowReader reader = RowReaders.OpenJsonLines(pipe.Reader.AsStream(), ReadRows.Defaults);
        for (int i = 0; i < 3; i++)
        {
            await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes($"{{\"a\":{i}}}\n"), TestContext.Current.CancellationToken);
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.Equal($"{i}", Fields(reader));
        }

        await pipe.Writer.CompleteAsync();
        Assert.False(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rows_do_not_allocate()
    {
        byte[] file = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i =>
            i % 2 == 0 ? $"{{\"a\":{i},\"b\":\"q\\n\\\"{i}\"}}\n" : $"{{\"b\":\"x\",\"a\":{i}}}\n")));
        await using RowReader reader = await ReadRows.OpenAsync(file);
        for (int i = 0; i < 100; i++) Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken) && reader.Fault is null);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int rows = 0;
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) && reader.Field(1).Length > 0) rows++;
        Assert.Equal(19_900, rows);
        // Less than four bytes a row, the runtime's own bookkeeping: the smallest object takes 24.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    private static FieldKind[] Kinds(RowReader reader) => [.. Enumerable.Range(0, reader.FieldCount).Select(reader.KindOf)];

    private static string Fields(RowReader reader) =>
        string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(i => Encoding.UTF8.GetString(reader.Field(i))));
}
