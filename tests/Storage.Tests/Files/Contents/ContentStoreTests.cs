using Azure.Storage.Blobs;
using CloudStore.Storage.Files.Contents;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Files.Contents;

/// <summary>Where content is kept: the same promises on a folder and on Azure Blob Storage.</summary>
public sealed class ContentStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("disk")]
    [InlineData("blob")]
    public async Task Content_comes_back_as_it_was_from_any_place_of_it(string kind)
    {
        await using var place = await Place.OpenAsync(kind);
        foreach (int length in (int[])[0, 1, 21_000_001])
        {
            var bytes = RandomBytes(length);
            var name = await WriteAsync(place.Store, bytes);
            await using var source = await place.Store.OpenAsync(name, Token);
            Assert.Equal(length, source.Length);
            var read = new byte[length];
            await source.ReadAsync(0, read, Token);
            Assert.Equal(bytes, read);
            await source.ReadAsync(length / 3, read.AsMemory(0, length / 5), Token);
            Assert.Equal(bytes.AsSpan(length / 3, length / 5), read.AsSpan(0, length / 5));
            await Assert.ThrowsAsync<EndOfStreamException>(async () => await source.ReadAsync(length - length / 2, new byte[length / 2 + 1], Token));
        }
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("blob")]
    public async Task What_is_not_committed_is_not_there_and_leaves_nothing(string kind)
    {
        await using var place = await Place.OpenAsync(kind);
        await using (var sink = await place.Store.CreateAsync("content-1234", Token))
        {
            await sink.WriteAsync(RandomBytes(9_000_000), Token);
            await Assert.ThrowsAsync<FileNotFoundException>(() => place.Store.OpenAsync("content-1234", Token));
        }

        await Assert.ThrowsAsync<FileNotFoundException>(() => place.Store.OpenAsync("content-1234", Token));
        Assert.Empty(await place.NamesAsync());
    }

    [Theory]
    [InlineData("disk", false)]
    [InlineData("disk", true)]
    [InlineData("blob", true)]
    public async Task What_is_deleted_is_gone_and_deleting_again_does_nothing(string kind, bool overwrite)
    {
        await using var place = await Place.OpenAsync(kind);
        await place.Store.DeleteAsync("never-there", overwrite, Token);
        var (kept, gone) = (await WriteAsync(place.Store, [1]), await WriteAsync(place.Store, RandomBytes(3_000_000)));
        Assert.Equal(new[] { kept, gone }.Order(), (await place.NamesAsync()).Order());
        await place.Store.DeleteAsync(gone, overwrite, Token);
        await place.Store.DeleteAsync(gone, overwrite, Token);
        await Assert.ThrowsAsync<FileNotFoundException>(() => place.Store.OpenAsync(gone, Token));
        Assert.Equal([kept], await place.NamesAsync());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("a/bcdef")]
    [InlineData("a\\bcdef")]
    [InlineData("abcde.txt")]
    [InlineData("abcde\0")]
    [InlineData("abc")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        using var folder = new TempFolder();
        var store = new DiskContentStore(folder.File("files"));
        await Assert.ThrowsAsync<ArgumentException>(() => store.OpenAsync(name, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => store.CreateAsync(name, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => store.DeleteAsync(name, cancellationToken: Token));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Folders_and_files_have_the_modes_that_were_set_whatever_the_umask()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        using var folder = new TempFolder();
        var (folders, files) = (DiskContentStore.OwnersFolder | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute, DiskContentStore.OwnersFile | UnixFileMode.GroupRead);
        var store = new DiskContentStore(folder.File("files"), folders, files);
        var name = await WriteAsync(store, [1, 2, 3]);
        var path = store.PathOf(name);
        Assert.Equal(Path.Combine(folder.FullPath, "files", name[^2..], name[^4..^2], name), path);
        Assert.Equal(files, File.GetUnixFileMode(path));
        for (var above = Path.GetDirectoryName(path)!; above != folder.FullPath; above = Path.GetDirectoryName(above)!)
        {
            Assert.Equal(folders, File.GetUnixFileMode(above));
        }
    }

    [Fact]
    public async Task What_somebody_else_puts_into_the_folder_is_not_listed()
    {
        using var folder = new TempFolder();
        var store = new DiskContentStore(folder.File("files"));
        var name = await WriteAsync(store, [1]);
        await File.WriteAllTextAsync(folder.File("files/lost+found/readme.txt"), "x", Token);
        await File.WriteAllTextAsync(folder.File($"files/{name}"), "x", Token);
        Assert.Equal([name], await Place.NamesAsync(store));
    }

    private static async Task<string> WriteAsync(IContentStore store, byte[] bytes)
    {
        var name = $"{Guid.CreateVersion7():n}";
        await using var sink = await store.CreateAsync(name, Token);
        for (int i = 0; i < bytes.Length; i += 1_234_567)
        {
            await sink.WriteAsync(bytes.AsMemory(i, Math.Min(1_234_567, bytes.Length - i)), Token);
        }

        await sink.CommitAsync(Token);
        return name;
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private sealed class Place(IContentStore store, Func<Task> remove) : IAsyncDisposable
    {
        public IContentStore Store => store;

        public static async Task<Place> OpenAsync(string kind)
        {
            if (kind == "disk")
            {
                var folder = new TempFolder();
                return new Place(new DiskContentStore(folder.File("files")), () =>
                {
                    folder.Dispose();
                    return Task.CompletedTask;
                });
            }

            var client = new BlobServiceClient(TestServers.Azurite);
            var name = $"test-{Guid.CreateVersion7():n}";
            return new Place(new BlobContentStore(client, name), () => client.GetBlobContainerClient(name).DeleteIfExistsAsync(cancellationToken: Token));
        }

        public Task<List<string>> NamesAsync() => NamesAsync(store);

        public static async Task<List<string>> NamesAsync(IContentStore store)
        {
            var names = new List<string>();
            await foreach (var name in store.ListOlderThanAsync(DateTimeOffset.MaxValue, Token))
            {
                names.Add(name);
            }

            return names;
        }

        public async ValueTask DisposeAsync() => await remove();
    }
}
