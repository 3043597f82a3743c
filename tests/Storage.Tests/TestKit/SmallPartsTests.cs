using System.Net;
using System.Net.Sockets;
using CloudStore.TestKit;
using Xunit.Sdk;

namespace CloudStore.Storage.Tests.TestKit;

public sealed class SmallPartsTests
{
    [Fact]
    public void A_temporary_folder_is_removed_with_its_content()
    {
        string path;
        using (var folder = new TempFolder())
        {
            path = folder.FullPath;
            File.WriteAllText(folder.File("a/b/c.txt"), "x");
            Assert.Equal("x", File.ReadAllText(Path.Combine(path, "a", "b", "c.txt")));
        }
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void A_free_port_can_be_listened_on()
    {
        using var listener = new TcpListener(IPAddress.Loopback, FreePort.Next());
        listener.Start();
        Assert.True(listener.Server.IsBound);
    }

    [Fact]
    public async Task Eventually_returns_when_the_condition_comes_true()
    {
        var asked = 0;
        await Eventually.Async(() => ++asked == 3, TimeSpan.FromMinutes(1), "the third question");
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Eventually_fails_with_what_it_waited_for()
    {
        var failure = await Assert.ThrowsAsync<FailException>(() => Eventually.Async(() => false, TimeSpan.Zero, "the job to succeed"));
        Assert.Contains("the job to succeed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shared_data_is_found_or_the_test_skips()
    {
        Assert.True(Directory.Exists(SharedData.Root));
        SkipException? skip = null;
        try
        {
            SharedData.File("not-in-the-data.csv");
        }
        catch (SkipException caught)
        {
            // Assert.Throws would pass it on and skip this test.
            skip = caught;
        }
        Assert.Contains("not-in-the-data.csv", skip?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_database_and_user_are_named_in_a_connection_string()
    {
        var text = TestServers.WithDatabase("Host=h;Port=1;Username=postgres;Database=postgres", "other", "reader");
        Assert.Equal("Host=h;Port=1;Username=reader;Database=other", text);
    }
}
