using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Spooling;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Records.Spooling;

public sealed class SpoolTests : IDisposable
{
    private readonly SpoolBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_was_taken_is_there_for_a_later_process()
    {
        var entry = SpoolBench.Entry("first");
        using (var first = _bench.Open())
        {
            await first.AppendAsync(entry, Token);
        }

        var second = _bench.Open();

        Assert.Equal(1, second.Count);
        Assert.Equal(SpoolStatus.Waiting, second.Find("acme", entry.Id)!.Status);
        Assert.Equal("first", Assert.Single(Bodies(second)));
    }

    [Fact]
    public async Task Entries_of_many_senders_are_kept_whole_and_each_in_its_order()
    {
        var spool = _bench.Open();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                await spool.AppendAsync(SpoolBench.Entry($"{sender}:{i}"), Token);
            }
        })));

        var bodies = Bodies(spool);
        Assert.Equal(400, bodies.Count);
        Assert.All(Enumerable.Range(0, 8), s => Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{s}:{i}"), bodies.Where(b => b.StartsWith($"{s}:", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Nothing_of_an_entry_can_be_read_in_the_file()
    {
        var spool = _bench.Open();
        await spool.AppendAsync(SpoolBench.Entry("price 4711.42", tenant: "secretive"), Token);

        var text = Encoding.Latin1.GetString(await ReadAsync(_bench.Files.Single()));

        Assert.DoesNotContain("4711", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secretive", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_form_says_so_and_keeps_no_other_from_being_read()
    {
        using (var spool = _bench.Open())
        {
            await spool.AppendAsync(SpoolBench.Entry("foreign"), Token);
        }

        var path = _bench.Files.Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        "CSSPOOL1"u8.CopyTo(bytes);
        await File.WriteAllBytesAsync(path, bytes, Token);
        var later = _bench.Open();
        await later.AppendAsync(SpoolBench.Entry("ours"), Token);
        var refused = Assert.Throws<InvalidDataException>(() => later.Read(path).ToList());
        Assert.Contains("does not begin with CSSPOOL2", refused.Message, StringComparison.Ordinal);
        Assert.Equal("ours", Assert.Single(_bench.Files.Where(f => f != path).SelectMany(later.Read).Select(e => Encoding.UTF8.GetString(e.Body))));
    }

    [Fact]
    public async Task A_last_entry_that_is_cut_anywhere_takes_none_of_those_before_it_along()
    {
        long whole;
        using (var spool = _bench.Open())
        {
            await spool.AppendAsync(SpoolBench.Entry("one"), Token);
            await spool.AppendAsync(SpoolBench.Entry("two"), Token);
            whole = new FileInfo(_bench.Files.Single()).Length;
            await spool.AppendAsync(SpoolBench.Entry("three"), Token);
        }

        var path = _bench.Files.Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        for (long length = bytes.Length - 1; length >= whole; length--)
        {
            await File.WriteAllBytesAsync(path, bytes[..(int)length], Token);
            using var later = _bench.Open();
            Assert.Equal(["one", "two"], Bodies(later));
        }
    }

    [Fact]
    public async Task A_last_entry_whose_bytes_never_reached_the_disk_is_left_out()
    {
        long whole;
        using (var spool = _bench.Open())
        {
            await spool.AppendAsync(SpoolBench.Entry("one"), Token);
            whole = new FileInfo(_bench.Files.Single()).Length;
            await spool.AppendAsync(SpoolBench.Entry("two"), Token);
        }

        var path = _bench.Files.Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes.AsSpan((int)whole + 4).Clear();
        await File.WriteAllBytesAsync(path, bytes, Token);

        using var later = _bench.Open();
        Assert.Equal(["one"], Bodies(later));
    }

    [Fact]
    public async Task Beyond_its_size_it_takes_no_more_and_says_which_setting_bounds_it()
    {
        var spool = _bench.Open(megabytes: 1);
        await spool.AppendAsync(SpoolBench.Entry(new string('x', 900_000)), Token);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => spool.AppendAsync(SpoolBench.Entry(new string('x', 900_000)), Token));

        Assert.Equal(ProblemKind.Unavailable, problem.Kind);
        Assert.Contains("Spool:MaxMegabytes", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, spool.Count);
    }

    [Fact]
    public async Task A_full_disk_refuses_an_entry_and_keeps_those_before_and_after_it()
    {
        using var disk = SmallDisk.Mount(_bench.Folder, 2);
        var spool = _bench.Open();
        await spool.AppendAsync(SpoolBench.Entry("before"), Token);
        var filler = Path.Combine(_bench.Folder, "filler");
        await File.WriteAllBytesAsync(filler, new byte[1 << 20], Token);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => spool.AppendAsync(SpoolBench.Entry(new string('x', 3 << 20)), Token));
        File.Delete(filler);
        await spool.AppendAsync(SpoolBench.Entry("after"), Token);

        Assert.Equal(ProblemKind.Unavailable, problem.Kind);
        Assert.Equal(["before", "after"], Bodies(spool));
        spool.Dispose();
    }

    [Fact]
    public async Task Two_processes_on_one_folder_keep_apart_until_one_ends()
    {
        var first = _bench.Open();
        var second = _bench.Open();
        await first.AppendAsync(SpoolBench.Entry("of the first"), Token);
        await second.AppendAsync(SpoolBench.Entry("of the second"), Token);
        Assert.Equal(["of the second"], Bodies(second));

        first.Dispose();
        second.Open();

        Assert.Equal(2, second.Count);
        Assert.Equal(["of the first", "of the second"], Bodies(second));
    }

    [Fact]
    public async Task A_tenant_cannot_ask_for_the_entry_of_another()
    {
        var spool = _bench.Open();
        var entry = SpoolBench.Entry("x", tenant: "acme");
        await spool.AppendAsync(entry, Token);

        Assert.Null(spool.Find("globex", entry.Id));
    }

    private static List<string> Bodies(Spool spool) => [.. spool.Seal().SelectMany(spool.Read).Select(e => Encoding.UTF8.GetString(e.Body))];

    // The spool holds the file open.
    private static async Task<byte[]> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, Token);
        return bytes;
    }
}
