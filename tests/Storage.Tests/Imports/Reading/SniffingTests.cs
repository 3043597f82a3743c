using System.Text;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

public class SniffingTests
{
    private const string Text = "id,name,note\n1,Zoë,“quoted” – dash\n2,Łódź 😎,x\n";
    private static readonly Encoding s_windows = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string, byte[]> Encoded()
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(Text), le = Encoding.Unicode.GetBytes(Text), be = Encoding.BigEndianUnicode.GetBytes(Text);
        return new()
        {
            { "utf-8", utf8 },
            { "utf-8", [0xEF, 0xBB, 0xBF, .. utf8] },
            { "utf-16le", [0xFF, 0xFE, .. le] },
            { "utf-16be", [0xFE, 0xFF, .. be] },
            { "utf-16le", le },
            { "utf-16be", be },
            { "utf-8", ReadRows.Gzip(utf8) },
            { "utf-16le", ReadRows.Gzip(le) },
            { "utf-8", [.. ReadRows.Gzip(utf8.AsSpan(0, 20)), .. ReadRows.Gzip(utf8.AsSpan(20))] },
        };
    }

    [Theory]
    [MemberData(nameof(Encoded))]
    public async Task Every_encoding_reads_the_same(string name, byte[] file)
    {
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync(file);
        Assert.Equal(name, reader.EncodingName);
        Assert.Equal(["id", "name", "note"], reader.Columns);
        Assert.Equal(["1|Zoë|“quoted” – dash", "2|Łódź 😎|x"], ReadRows.Good(rows));
        Assert.Equal(file.Length, reader.SourceBytes);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_Windows_1252()
    {
        byte[] file = s_windows.GetBytes("id,name\n1,Zoë – “x” €\n2,Müller\n");
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync(file, chunk: 5);
        Assert.Equal("windows-1252", reader.EncodingName);
        Assert.Equal(["1|Zoë – “x” €", "2|Müller"], ReadRows.Good(rows));
    }

    [Fact]
    public async Task A_bad_byte_behind_the_sample_is_a_fault_of_its_row()
    {
        byte[] start = Encoding.UTF8.GetBytes("id,name\n" + string.Concat(Enumerable.Repeat("1,Zoë\n", 50_000)));
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync([.. start, .. "2,"u8, 0xE4, .. "x\n3,y\n4,"u8, 0, .. "\n5,z\n"u8]);
        Assert.Equal("utf-8", reader.EncodingName);
        Assert.Equal(["encoding", "encoding"], rows.Where(r => r.Rule is not null).Select(r => r.Rule));
        Assert.Equal(50_002, ReadRows.Good(rows).Length);
    }

    [Fact]
    public async Task One_bad_byte_among_many_good_characters_does_not_spoil_them()
    {
        byte[] start = Encoding.UTF8.GetBytes("id,name\n" + string.Concat(Enumerable.Repeat("1,Zoë\n", 100)));
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync([.. start, .. "2,"u8, 0xE4, .. "x\n"u8]);
        Assert.Equal("utf-8", reader.EncodingName);
        Assert.Equal(100, ReadRows.Good(rows).Length);
        Assert.Equal("encoding", rows[^1].Rule);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_a_fault_of_its_row()
    {
        byte[] file = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a,b\n1,x"), 0x3D, 0xD8, .. Encoding.Unicode.GetBytes("y\n2,😎\n3,z"), 0x41];
        (_, List<Row> rows) = await ReadRows.AllAsync(file, chunk: 3);
        Assert.Equal(["encoding", null, "encoding"], rows.Select(r => r.Rule));
        Assert.Equal(["2|😎"], ReadRows.Good(rows));
    }

    public static TheoryData<string, byte[]> Binary() => new()
    {
        { "PNG", [0x89, .. "PNG\r\n\u001A\n"u8, 0, 0, 0, 13] },
        { "ZIP", [.. "PK"u8, 3, 4, 20, 0, 0, 0] },
        { "Parquet", [.. "PAR1"u8, 21, 4, 21] },
        { "UTF-32", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes("a,b\n1,2\n")] },
        { "UTF-32", Encoding.UTF32.GetBytes("a,b\n1,2\n3,4\n") },
        { "NUL", [.. "a,b\n1,"u8, 0, .. "\n2,3\n"u8] },
        { "binary", [.. Enumerable.Range(0, 4000).Select(i => (byte)(1 + (i * 7919 % 255)))] },
        { "gzip twice", ReadRows.Gzip(ReadRows.Gzip("a,b\n1,2\n"u8)) },
    };

    [Theory]
    [MemberData(nameof(Binary))]
    public async Task What_is_not_text_is_refused_by_name(string name, byte[] file)
    {
        UnreadableFileException e = await ReadRows.RefusedAsync(file);
        Assert.Equal("encoding", e.Rule);
        Assert.Contains(name, e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("a,b,c\n1,2,3\n", ',')]
    [InlineData("a;b;c\n1,5;2,5;3,5\n", ';')]
    [InlineData("a\tb\n1,2\t3\n", '\t')]
    [InlineData("a|b\n1|2\n", '|')]
    [InlineData("\"x;y;z\",b\n1,2\n", ',')]
    [InlineData("a;b\n\"x, y, z\";2\n\"p, q, r\";4\n", ';')]
    [InlineData("name, first;value\nx, y;1\nz;2\nw;3\n", ';')]
    [InlineData("single\n1\n2\n", ',')]
    [InlineData("sep=;\na;b\n1;2\n", ';')]
    [InlineData("\"sep=|\"\r\na|b,c\r\n1|2,3\r\n", '|')]
    public async Task The_delimiter_is_told_from_the_first_rows(string text, char delimiter)
    {
        (RowReader reader, List<Row> rows) = await ReadRows.AllAsync(text);
        Assert.Equal(delimiter, reader.Delimiter);
        Assert.All(rows, r => Assert.Null(r.Rule));
    }

    [Theory]
    [InlineData("{\"a\":1}\n", FileFormat.JsonLines)]
    [InlineData("\uFEFF\n [ ]", FileFormat.JsonArray)]
    [InlineData("a,{\n1,2\n", FileFormat.Csv)]
    public async Task The_format_is_told_from_the_first_character(string text, FileFormat format) =>
        Assert.Equal(format, (await ReadRows.AllAsync(text)).Reader.Format);

    [Fact]
    public async Task A_mangled_mark_of_two_dots_stays()
    {
        (RowReader reader, _) = await ReadRows.AllAsync("..ip,app\n1,2\n");
        Assert.Equal(["..ip", "app"], reader.Columns);
    }

    [Fact]
    public async Task What_the_options_say_is_not_guessed()
    {
        (RowReader reader, _) = await ReadRows.AllAsync("a,b;c\n1,2;3\n", new ReadOptions { Format = FileFormat.Csv, Delimiter = ';' });
        Assert.Equal(["a,b", "c"], reader.Columns);
    }
}
