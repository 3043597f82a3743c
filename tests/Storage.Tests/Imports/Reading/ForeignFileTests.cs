using System.Text.Json;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

/// <summary>Files that others collected to break readers, and real ones, with what their collections say they hold.</summary>
public class ForeignFileTests
{
    [Theory]
    [InlineData("comma_in_quotes")]
    [InlineData("empty")]
    [InlineData("escaped_quotes")]
    [InlineData("json")]
    [InlineData("newlines")]
    [InlineData("newlines_crlf")]
    [InlineData("simple")]
    [InlineData("simple_crlf")]
    public async Task Csv_spectrum_reads_as_expected(string name)
    {
        (RowReader reader, List<Row> rows) = await Read("csv", "csv-spectrum", name + ".csv");
        using JsonDocument expected = JsonDocument.Parse(await Bytes("csv", "csv-spectrum", name + ".json"));
        Assert.Equal(
            expected.RootElement.EnumerateArray().Select(o => string.Join('|', o.EnumerateObject().Select(p => p.Value.GetString()))),
            rows.Select(r => string.Join('|', r.Fields)));
        Assert.Equal(expected.RootElement[0].EnumerateObject().Select(p => p.Name), reader.Columns);
        Assert.All(rows, r => Assert.Null(r.Rule));
    }

    [Theory]
    [InlineData("empty-field")]
    [InlineData("header-simple")]
    [InlineData("leading-space")]
    [InlineData("quotes-with-escaped-quote")]
    [InlineData("quotes-with-space")]
    [InlineData("simple-crlf")]
    [InlineData("simple-lf")]
    [InlineData("trailing-newline")]
    [InlineData("utf8")]
    public async Task Rfc4180_files_read_as_expected(string name)
    {
        (RowReader reader, List<Row> rows) = await Read("csv", "rfc4180", name + ".csv");
        using JsonDocument json = JsonDocument.Parse(await Bytes("csv", "rfc4180", name + ".json"));
        // A list for each row, the header among them, or an object for each row.
        IEnumerable<string> expected = json.RootElement[0].ValueKind == JsonValueKind.Array
            ? json.RootElement.EnumerateArray().Skip(1).Select(a => string.Join('|', a.EnumerateArray().Select(f => f.GetString())))
            : json.RootElement.EnumerateArray().Select(o => string.Join('|', o.EnumerateObject().Select(p => p.Value.GetString())));
        Assert.Equal(expected, rows.Select(r => string.Join('|', r.Fields)));
        Assert.Equal(["foo", "bar", "baz"], reader.Columns);
    }

    [Theory]
    [InlineData("bad-header-more-fields", "ragged")]
    [InlineData("bad-quotes-with-unescaped-quote", "text-after-quote")]
    public async Task Rfc4180_files_that_are_bad_have_a_fault(string name, string rule) =>
        Assert.Equal(rule, Assert.Single((await Read("csv", "rfc4180", name + ".csv")).Rows).Rule);

    [Theory]
    [InlineData("basic.csv", 1, 0, 3)]
    [InlineData("comma-in-quote.csv", 1, 0, 5)]
    [InlineData("geojson.csv", 3, 0, 4)]
    [InlineData("large-dataset.csv.gz", 7268, 0, 15)]
    [InlineData("mac-newlines.csv", 2, 0, 3)]
    [InlineData("newlines.csv", 3, 0, 3)]
    [InlineData("quotes+newlines.csv", 3, 0, 2)]
    [InlineData("strict-false-less-columns.csv", 2, 1, 3)]
    [InlineData("strict.csv", 2, 1, 3)]
    [InlineData("utf16.csv", 2, 0, 3)]
    public async Task Parser_fixtures_give_their_rows(string name, int good, int bad, int columns)
    {
        (RowReader reader, List<Row> rows) = await Read("csv", "csv-parser-fixtures", name);
        Assert.Equal((good, bad, columns), (rows.Count(r => r.Rule is null), rows.Count(r => r.Rule is not null), reader.Columns.Count));
    }

    [Theory]
    [InlineData("file_double_trailing_newline")]
    [InlineData("file_field_delimiter_0x9")]
    [InlineData("file_record_delimiter_0xD")]
    [InlineData("row_extra_quote40_col0", 41L)]
    [InlineData("row_less_sep_row10_col2", 11L)]
    public async Task One_damaged_row_costs_one_row_and_a_dialect_none(string name, long? damagedLine = null)
    {
        (RowReader source, List<Row> expected) = await Read("csv", "pollock", "source.csv");
        (RowReader reader, List<Row> rows) = await Read("csv", "pollock", "input", name + ".csv");
        Assert.Equal(83, expected.Count);
        Assert.Equal(source.Columns, reader.Columns);
        Assert.Equal(damagedLine is { } line ? [line] : [], rows.Where(r => r.Rule is not null).Select(r => r.Line));
        Assert.Equal(ReadRows.Good([.. expected.Where(r => r.Line != damagedLine)]), ReadRows.Good(rows));
    }

    [Fact]
    public async Task A_delimiter_too_many_in_a_row_that_ends_empty_looks_like_a_trailing_one()
    {
        // The row's last column is empty, so that its fields, one to the right, still end with an empty one: only the columns' types can tell.
        (_, List<Row> rows) = await Read("csv", "pollock", "input", "row_more_sep_row70_col1.csv");
        Assert.All(rows, r => Assert.Null(r.Rule));
        Assert.Equal<string?>([null, "00:30"], rows.Single(r => r.Line == 71).Fields.Skip(1).Take(2));
    }

    [Fact]
    public async Task Json_test_files_are_accepted_or_refused_as_they_must_be()
    {
        int seen = 0;
        foreach (string path in Directory.EnumerateFiles(TestData.Path("json"), "*.json"))
        {
            string name = Path.GetFileName(path);
            byte[] file = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            bool refused = await Refuses(file);
            if (name[0] != 'i') Assert.True(refused == (name[0] == 'n'), name);
            seen++;
        }

        Assert.InRange(seen, 30, 1000);
    }

    [Theory]
    [InlineData(1143, "campaigns", "kag_conversion_data.csv")]
    [InlineData(10_830, "campaigns", "google_political_ads_weekly_spend.csv")]
    [InlineData(15_408, "campaigns", "online_advertising_performance.csv")]
    [InlineData(30, "campaigns", "ab_control_group.csv")]
    [InlineData(100_000, "campaigns", "ad_clicks_100k.csv.gz")]
    [InlineData(9_994, "retail", "superstore_orders.csv")]
    [InlineData(3_732, "retail", "zepto_inventory.csv")]
    [InlineData(541_909, "retail", "online_retail_2010_2011.csv.gz")]
    public async Task Real_files_give_all_their_rows(int count, params string[] path)
    {
        byte[] file = await Bytes(path);
        await using RowReader reader = await ReadRows.OpenAsync(file);
        int rows = 0;
        for (; await reader.ReadAsync(TestContext.Current.CancellationToken); rows++) Assert.Null(reader.Fault);
        Assert.Equal(count, rows);
        Assert.Equal(file.Length, reader.SourceBytes);
    }

    private static async Task<bool> Refuses(byte[] file)
    {
        bool array = file.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'[', ..] or [0xFF, 0xFE, (byte)'[', ..];
        try
        {
            var options = new ReadOptions { Format = array ? FileFormat.JsonArray : FileFormat.JsonLines };
            return (await ReadRows.AllAsync(file, options)).Rows.Exists(r => r.Rule == "not-json");
        }
        catch (UnreadableFileException)
        {
            return true;
        }
    }

    private static Task<byte[]> Bytes(params string[] path) => File.ReadAllBytesAsync(TestData.Path(path), TestContext.Current.CancellationToken);

    private static async Task<(RowReader Reader, List<Row> Rows)> Read(params string[] path) => await ReadRows.AllAsync(await Bytes(path));
}
