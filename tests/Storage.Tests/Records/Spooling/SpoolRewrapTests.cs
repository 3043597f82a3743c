using System.Text;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records.Spooling;
using CloudStore.Storage.Tests.Protection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Records.Spooling;

/// <summary>What waits in the spool outlives a change of the master key.</summary>
public sealed class SpoolRewrapTests
{
    private static readonly string One = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly string Two = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Files_from_before_a_rewrap_are_read_with_the_new_master_key_alone(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:MasterKey", One));
        var waiting = SpoolBench.Entry("waits");
        using (var before = Open(store))
        {
            await before.AppendAsync(waiting, Token);
            before.Seal();
            await before.AppendAsync(SpoolBench.Entry("waits as well"), Token);
            before.SetAside(SpoolBench.Entry("was refused"));
        }

        await using var both = await ProtectedStore.OpenAsync(database, sharing: store, settings: [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)]);
        using (var spool = Open(both))
        {
            await spool.AppendAsync(SpoolBench.Entry("new"), Token);
            Assert.Equal((3, 0), await spool.RewrapAsync(Token));
            Assert.Equal((0, 0), await spool.RewrapAsync(Token));
        }

        await both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token);
        await using var alone = await ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", Two));
        using var after = Open(alone);
        Assert.NotNull(after.Find("acme", waiting.Id));
        Assert.Equal(["waits", "waits as well", "new"], Bodies(after, after.Seal()));
        Assert.Equal(["was refused"], Bodies(after, Directory.GetFiles(Path.Combine(store.Folder, "spool", "aside"), "*.spool")));
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Folder, "spool"), "*.new", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Files_that_a_running_process_holds_are_told_of_and_rewrapped_when_it_starts_with_both_keys()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite, settings: ("Protection:MasterKey", One));
        await using var both = await ProtectedStore.OpenAsync(Database.Sqlite, sharing: store, settings: [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)]);
        using var running = Open(store);
        await running.AppendAsync(SpoolBench.Entry("held"), Token);
        using (var command = Open(both))
        {
            Assert.Equal((0, 1), await command.RewrapAsync(Token));
        }

        running.Dispose();
        using var restarted = Open(both);
        Assert.Equal((1, 0), await restarted.RewrapAsync(Token));
        Assert.Equal(["held"], Bodies(restarted, restarted.Seal()));
    }

    [Fact]
    public async Task A_rewrap_that_was_killed_midway_and_a_damaged_file_do_no_harm()
    {
        using var bench = new SpoolBench();
        using (var first = bench.Open())
        {
            await first.AppendAsync(SpoolBench.Entry("sound"), Token);
            first.Seal();
            await first.AppendAsync(SpoolBench.Entry("torn"), Token);
        }

        var before = await File.ReadAllBytesAsync(bench.Files[0], Token);
        // Half a copy, as a kill leaves it; and a head whose key no master key opens.
        await File.WriteAllBytesAsync($"{bench.Files[0]}.new", before[..20], Token);
        var torn = await File.ReadAllBytesAsync(bench.Files[1], Token);
        torn[10] = 0x77;
        await File.WriteAllBytesAsync(bench.Files[1], torn, Token);
        bench.Key.Previous = bench.Key.Xor;
        bench.Key.Xor = 0x33;
        using var spool = bench.Open();
        Assert.Equal((1, 1), await spool.RewrapAsync(Token));
        bench.Key.Previous = null;
        Assert.Equal(["sound"], Bodies(spool, [bench.Files[0]]));
        Assert.Equal(torn, await File.ReadAllBytesAsync(bench.Files[1], Token));
        Assert.Equal(before.Length, new FileInfo(bench.Files[0]).Length);
    }

    private static IEnumerable<string> Bodies(Spool spool, IEnumerable<string> files) => files.SelectMany(spool.Read).Select(e => Encoding.UTF8.GetString(e.Body));

    private static Spool Open(ProtectedStore store)
    {
        var spool = new Spool(Options.Create(new SpoolOptions()), new DataOptions { Root = store.Folder }, new SpoolKeys(store.Services.GetRequiredService<MasterKeys>()), NullLogger<Spool>.Instance);
        spool.Open();
        return spool;
    }
}
