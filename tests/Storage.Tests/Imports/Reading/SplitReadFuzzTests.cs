using System.Text;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

/// <summary>However a source cuts its bytes, the rows are the same; and no input makes a reader fail in an unforeseen way.</summary>
public class SplitReadFuzzTests
{
    private static readonly string[] s_csv = ["a", "1", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r\n", "\r", "é", " ", "\u001A", "xxxxxxxxxxxx", ";", "\t"];

    private static readonly string[] s_json =
    [
        "{\"a\":1}", "{\"b\":\"x\\\"y\"}", "\n", "\n", "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "12", " ", "\r\n",
        "{\"c\":[{}]}", "[[[[[[", "é", "\"a\":\"bbbbbbbbbbbbbbbbbbbbbb\"",
    ];

    [Fact]
    public async Task Csv_in_pieces_reads_as_in_one() => await Compare(s_csv, "", seed: 20);

    [Fact]
    public async Task Json_lines_in_pieces_read_as_in_one() => await Compare(s_json, "{\"a\":0}\n", seed: 21);

    [Fact]
    public async Task A_json_array_in_pieces_reads_as_in_one() => await Compare(s_json, "[{\"a\":0},", seed: 22);

    private static async Task Compare(string[] pieces, string head, int seed)
    {
        var random = new Random(seed);
        int withRows = 0;
        for (int round = 0; round < 1500; round++)
        {
            string text = head + string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => pieces[random.Next(pieces.Length)]));
            byte[] file = (round % 4) switch
            {
                0 => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
                1 => ReadRows.Gzip(Encoding.UTF8.GetBytes(text)),
                _ => Encoding.UTF8.GetBytes(text),
            };
            var options = new ReadOptions { MaxRowBytes = random.Next(4, 80), MaxJsonDepth = 4 };
            string whole = await Describe(file, options, int.MaxValue, 0);
            for (int seedOfCuts = 0; seedOfCuts < 2; seedOfCuts++) Assert.Equal(whole, await Describe(file, options, 7, seedOfCuts));
            if (whole.Contains('\n', StringComparison.Ordinal)) withRows++;
        }

        Assert.InRange(withRows, 300, 1500);
    }

    private static async Task<string> Describe(byte[] file, ReadOptions options, int chunk, int seed)
    {
        var text = new StringBuilder();
        try
        {
            await using RowReader reader = await RowReaders.OpenAsync(
                _ => new(new TrickleStream(file, chunk, seed)), file.Length, options, null, TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                Row row = ReadRows.Current(reader);
                text.Append(row).Append(' ').Append(reader.Position.Line).Append(' ').Append(row.Raw.Length).Append('\n');
            }

            text.Append(string.Join('|', reader.Columns));
        }
        catch (UnreadableFileException e)
        {
            text.Append(e.Rule).Append(e.Message);
        }

        return text.ToString();
    }
}
