using System.Security.Cryptography;
using Azure.Storage.Blobs;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Imports.Files;

/// <summary>Where uploads are staged: the same promises on a folder and on Azure Blob Storage.</summary>
public sealed class ContentStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("disk")]
    [InlineData("blob")]
    public async Task Content_comes_back_as_it_was_with_its_length_and_hash(string kind)
    {
        await using var place = await Place.OpenAsync(kind);
        foreach (int length in (int[])[0, 1, 9_000_001])
        {
            var bytes = RandomBytes(length);
            var stored = await place.Store.WriteAsync(new Trickle(bytes), long.MaxValue, Token);
            Assert.Equal((length, Convert.ToHexStringLower(SHA256.HashData(bytes))), (stored.Bytes, stored.Sha256));
            await using var read = await place.Store.OpenReadAsync(stored.Name, Token);
            Assert.True(read.CanSeek);
            Assert.Equal(bytes, await AllAsync(read));
            read.Position = length / 2;
            Assert.Equal(bytes[(length / 2)..], await AllAsync(read));
        }
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("blob")]
    public async Task A_stream_that_breaks_off_or_is_too_long_leaves_nothing(string kind)
    {
        await using var place = await Place.OpenAsync(kind);
        await Assert.ThrowsAsync<IOException>(() => place.Store.WriteAsync(new Trickle(RandomBytes(9_000_000), breaks: true), long.MaxValue, Token));
        var tooLong = await Assert.ThrowsAsync<ProblemException>(() => place.Store.WriteAsync(new Trickle(RandomBytes(5_000_001)), 5_000_000, Token));
        Assert.Equal((413, "The upload is longer than the 5,000,000 bytes that are accepted."), (tooLong.Kind.Status, tooLong.Message));
        using var stopped = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.Store.WriteAsync(new Trickle(RandomBytes(9_000_000), stopped.Cancel), long.MaxValue, stopped.Token));
        Assert.Empty(await place.NamesAsync());
        Assert.Equal(5_000_000, (await place.Store.WriteAsync(new Trickle(RandomBytes(5_000_000)), 5_000_000, Token)).Bytes);
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("blob")]
    public async Task What_is_deleted_is_gone_and_deleting_again_does_nothing(string kind)
    {
        await using var place = await Place.OpenAsync(kind);
        await place.Store.DeleteAsync("never", Token);
        await Assert.ThrowsAsync<FileNotFoundException>(() => place.Store.OpenReadAsync("never", Token));
        var kept = await place.Store.WriteAsync(new MemoryStream([1]), 1, Token);
        var gone = await place.Store.WriteAsync(new MemoryStream([2]), 1, Token);
        Assert.Equal(new[] { kept.Name, gone.Name }.Order(), (await place.NamesAsync()).Order());
        await place.Store.DeleteAsync(gone.Name, Token);
        await place.Store.DeleteAsync(gone.Name, Token);
        await Assert.ThrowsAsync<FileNotFoundException>(() => place.Store.OpenReadAsync(gone.Name, Token));
        Assert.Equal([kept.Name], await place.NamesAsync());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    public async Task A_name_that_leads_out_of_the_folder_is_refused(string name)
    {
        using var folder = new TempFolder();
        var store = new DiskContentStore(folder.File("staged"));
        await Assert.ThrowsAsync<ArgumentException>(() => store.OpenReadAsync(name, Token));
        Directory.CreateDirectory(folder.File("staged"));
        await Assert.ThrowsAsync<ArgumentException>(() => store.DeleteAsync(name, Token));
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> AllAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Token);
        return all.ToArray();
    }

    private sealed class Place(IContentStore store, Func<Task> remove) : IAsyncDisposable
    {
        public IContentStore Store => store;

        public static async Task<Place> OpenAsync(string kind)
        {
            if (kind == "disk")
            {
                var folder = new TempFolder();
                return new Place(new DiskContentStore(folder.File("staged")), () =>
                {
                    folder.Dispose();
                    return Task.CompletedTask;
                });
            }

            var client = new BlobServiceClient(TestServers.Azurite);
            var name = $"test-{Guid.CreateVersion7():n}";
            await client.CreateBlobContainerAsync(name, cancellationToken: Token);
            return new Place(new BlobContentStore(client, name), () => client.DeleteBlobContainerAsync(name, cancellationToken: Token));
        }

        public async Task<List<string>> NamesAsync()
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

    /// <summary>A sender that gives a few thousand bytes at a time, cannot seek, and may break off or be told to stop at two thirds.</summary>
    private sealed class Trickle(byte[] bytes, Action? stop = null, bool breaks = false) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > Length * 2 / 3)
            {
                stop?.Invoke();
                cancellationToken.ThrowIfCancellationRequested();
                if (breaks)
                {
                    throw new IOException("The sender is gone.");
                }
            }

            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 7919)], cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
