using System.Net;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudStore.Api.Tests.Files;

/// <summary>Contents in Azure Blob Storage, and what becomes of uploads and downloads while it goes away.</summary>
public sealed class BlobTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_goes_into_blob_storage_and_comes_back_whole_and_in_parts()
    {
        await using var place = await Place.StartAsync();
        var content = FileClient.Noise(20_000_000);
        var id = (await place.Server.Client.StoreAsync(content, "?compress=none")).Id();
        Assert.Equal(content, await place.Server.Client.ContentAsync(id));
        using var part = new HttpRequestMessage(HttpMethod.Get, $"/v1/files/{id}/content") { Headers = { { "Range", "bytes=12345678-12345699" } } };
        Assert.Equal(content[12_345_678..12_345_700], await (await place.Server.Client.SendAsync(part, Token)).Content.ReadAsByteArrayAsync(Token));
        Assert.Single(await place.NamesAsync());
        await place.Server.Client.DeleteAsync($"/v1/files/{id}?secure=true", Token);
        Assert.Empty(await place.NamesAsync());
    }

    [Fact]
    public async Task Blob_storage_that_goes_away_in_the_middle_of_an_upload_is_a_503_and_leaves_nothing()
    {
        await using var place = await Place.StartAsync();
        using var body = new StreamContent(new CutInTheMiddle(FileClient.Noise(30_000_000), place.Way.Cut));
        var answer = await place.Server.Client.PostAsync("/v1/files?compress=none", body, Token);
        await Expect.ProblemAsync(answer, "unavailable", 503);
        Assert.NotNull(answer.Headers.RetryAfter);
        place.Way.Restore();
        Assert.Empty(await place.NamesAsync());
        Assert.Equal(0, (await Expect.JsonAsync(await place.Server.Client.GetAsync("/v1/files/stats", Token), 200)).GetProperty("total").GetProperty("files").GetInt32());
        var content = FileClient.Noise(5_000_000);
        Assert.Equal(content, await place.Server.Client.ContentAsync((await place.Server.Client.StoreAsync(content)).Id()));
    }

    [Fact]
    public async Task Blob_storage_that_goes_away_in_the_middle_of_a_download_cuts_it_off()
    {
        await using var place = await Place.StartAsync();
        var id = (await place.Server.Client.StoreAsync(FileClient.Noise(60_000_000), "?compress=none")).Id();
        using var answer = await place.Server.Client.GetAsync($"/v1/files/{id}/content", HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[1000], Token);
        place.Way.Cut();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Token));
        await Expect.ProblemAsync(await place.Server.Client.GetAsync($"/v1/files/{id}/content", Token), "unavailable", 503);
        place.Way.Restore();
        Assert.Equal(60_000_000, (await place.Server.Client.ContentAsync(id)).Length);
    }

    private sealed class Place(ApiServer server, TcpProxy way, BlobContainerClient container) : IAsyncDisposable
    {
        public ApiServer Server => server;

        public TcpProxy Way => way;

        public static async Task<Place> StartAsync()
        {
            var direct = TestServers.Azurite;
            var address = new BlobServiceClient(direct).Uri;
            var way = new TcpProxy(address.Port);
            var connection = direct.Replace($":{address.Port}/", $":{way.Port}/", StringComparison.Ordinal);
            var name = $"test-{Guid.CreateVersion7():n}";
            // As the product's client, but without its pauses and without other tests' connections.
            var options = new BlobClientOptions { Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(1) }, Transport = new HttpClientTransport(new HttpClient(new SocketsHttpHandler())) };
            var server = await ApiServer.StartAsync(Provider.Sqlite,
                settings: _ => new() { ["ConnectionStrings:files"] = connection, ["Files:Backends:azure:Kind"] = "blob", ["Files:Backends:azure:Container"] = name },
                configure: builder => builder.Services.Replace(ServiceDescriptor.Singleton(new BlobServiceClient(connection, options))));
            return new Place(server, way, new BlobServiceClient(direct).GetBlobContainerClient(name));
        }

        public async Task<List<string>> NamesAsync()
        {
            var names = new List<string>();
            await foreach (var blob in container.GetBlobsAsync(cancellationToken: Token))
            {
                names.Add(blob.Name);
            }

            return names;
        }

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            way.Dispose();
            await container.DeleteIfExistsAsync();
        }
    }

    private sealed class CutInTheMiddle(byte[] bytes, Action cut) : MemoryStream(bytes)
    {
        private bool _cut;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_cut && Position > Length / 2)
            {
                _cut = true;
                cut();
            }

            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 64 << 10)], cancellationToken);
        }
    }
}
