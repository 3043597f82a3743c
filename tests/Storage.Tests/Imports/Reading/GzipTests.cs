using System.Text;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

public class GzipTests
{
    private static byte[] Bomb(int megabytes)
    {
        byte[] content = new byte[megabytes << 20];
        content.AsSpan().Fill((byte)'0');
        "a,b\n"u8.CopyTo(content);
        for (int i = 999; i < content.Length; i += 1000) content[i] = (byte)'\n';
        return ReadRows.Gzip(content);
    }

    [Fact]
    public async Task A_bomb_is_stopped_by_its_ratio()
    {
        // What one compressor gives for this text is about 1:200.
        UnreadableFileException e = await ReadRows.RefusedAsync(Bomb(64), new ReadOptions { MaxGzipRatio = 50 });
        Assert.Equal("gzip-ratio", e.Rule);
    }

    [Fact]
    public async Task The_ratio_does_not_matter_for_little_content() =>
        Assert.NotEmpty((await ReadRows.AllAsync(Bomb(8), new ReadOptions { MaxGzipRatio = 2 })).Rows);

    [Fact]
    public async Task Too_much_content_is_stopped()
    {
        UnreadableFileException e = await ReadRows.RefusedAsync(Bomb(8), new ReadOptions { MaxDecodedBytes = 1 << 20 });
        Assert.Equal("too-large", e.Rule);
        e = await ReadRows.RefusedAsync(Encoding.UTF8.GetBytes("a\n" + new string('x', 5000)), new ReadOptions { MaxDecodedBytes = 1000 });
        Assert.Equal("too-large", e.Rule);
    }

    [Fact]
    public async Task A_file_cut_off_anywhere_is_damaged()
    {
        byte[] whole = ReadRows.Gzip(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},{i * i}\n"))));
        var accepted = new List<int>();
        for (int length = 3; length < whole.Length; length++)
        {
            try
            {
                await ReadRows.AllAsync(whole[..length]);
                accepted.Add(length - whole.Length);
            }
            catch (UnreadableFileException e)
            {
                Assert.Equal("gzip", e.Rule);
            }
        }

        Assert.Empty(accepted);
    }

    [Fact]
    public async Task A_changed_byte_is_damage()
    {
        byte[] file = ReadRows.Gzip(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},{i * i}\n"))));
        file[^6] ^= 1;
        Assert.Equal("gzip", (await ReadRows.RefusedAsync(file)).Rule);
    }

    [Fact]
    public async Task Many_members_in_small_reads_are_one_file()
    {
        byte[] file = [.. Enumerable.Range(0, 200).SelectMany(i => ReadRows.Gzip(Encoding.UTF8.GetBytes(i == 0 ? "a,b\n" : $"{i},x\n")))];
        Assert.Equal(199, (await ReadRows.AllAsync(file, chunk: 2)).Rows.Count);
    }

    [Fact]
    public async Task A_complete_file_of_nothing_is_empty() => Assert.Equal("empty", (await ReadRows.RefusedAsync(ReadRows.Gzip([]))).Rule);
}
