using System.Text;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

public class ResumeTests
{
    private const string Csv = "\r\nid,näme,\"no\"\"te\"\n1,Zoë,\"two\r\nlines\"\r2,x\n\n3,\"open,\n4,\"a\"b,c\r\n5,😎,\"\"\n\n6,y,z";
    private const string Json = "{\"a\":1}\n\n{\"b\":\"é\",\"a\":2}\r\nbad\n{\"c\":[1],\"b\":null}\n{\"a\":3}";
    private const string Array = "[ {\"a\":1},\n\n{\"b\":\"é\",\n\"a\":2} , 7\n,{\"c\":[1],\"b\":null}\n,{\"a\":3}\n]\n";
    private const string Printed = "{\n\"a\":1\n}\n{\n\"b\":\"é\"}\n\n{\"a\":2}";
    private const string Declared = "sep=;\r\na;b\r\n1;2\r\n3;4\r\n";

    public static TheoryData<string, bool> Files()
    {
        var data = new TheoryData<string, bool>();
        foreach (string text in new[] { Csv, Json, Array, Printed, Declared })
        {
            data.Add(text, true);
            data.Add(text, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_reader_goes_on_behind_every_row_of_every_encoding(string text, bool seekable)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[][] files =
        [
            utf8,
            [0xEF, 0xBB, 0xBF, .. utf8],
            [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, .. utf8],
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
            [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)],
            Encoding.Unicode.GetBytes(text),
            CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(text.Replace("😎", "€", StringComparison.Ordinal)),
            ReadRows.Gzip(utf8),
        ];
        foreach (byte[] file in files) await GoesOnBehindEveryRow(file, seekable);
    }

    private static async Task GoesOnBehindEveryRow(byte[] file, bool seekable)
    {
        var rows = new List<Row>();
        var places = new List<ReaderPosition>();
        string[] columns;
        await using (RowReader reader = await ReadRows.OpenAsync(file))
        {
            places.Add(reader.Position);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                rows.Add(ReadRows.Current(reader));
                places.Add(reader.Position);
            }

            columns = [.. reader.Columns];
        }

        Assert.InRange(rows.Count, 2, 100);
        for (int i = 0; i < places.Count; i++)
        {
            (RowReader reader, List<Row> rest) = await ReadRows.AllAsync(file, resume: places[i], seekable: seekable);
            Assert.Equal(rows.Skip(i).Select(r => r.ToString()), rest.Select(r => r.ToString()));
            Assert.Equal(columns, reader.Columns);
        }
    }

    [Fact]
    public async Task Going_on_in_plain_UTF8_seeks_and_counts_the_bytes_before()
    {
        byte[] file = Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i},x\n")));
        var source = new MemoryStream(file);
        await using RowReader reader = await RowReaders.OpenAsync(
            _ => new(source), file.Length, ReadRows.Defaults, new ReaderPosition(file.Length - 9, 200_000, ["a", "b"]), TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("199999", Encoding.UTF8.GetString(reader.Field(0)));
        Assert.Equal(200_001, reader.Line);
        Assert.Equal(file.Length, reader.SourceBytes);
    }

    [Fact]
    public async Task A_file_that_has_become_shorter_is_refused()
    {
        byte[] file = ReadRows.Gzip("a,b\n1,2\n"u8);
        await Assert.ThrowsAsync<UnreadableFileException>(() => ReadRows.AllAsync(file, resume: new ReaderPosition(1000, 5, ["a", "b"])));
    }
}
