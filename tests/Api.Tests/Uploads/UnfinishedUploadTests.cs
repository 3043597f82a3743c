using System.Net;
using CloudStore.Api.Tests.Files;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Uploads;

/// <summary>Uploads that cannot become a file, or must not yet.</summary>
public sealed class UnfinishedUploadTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task An_upload_whose_parts_are_gone_becomes_no_file_holds_up_no_other_and_can_be_given_up(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time);
        await TusTests.CreateAsync(server, 100);
        time.Advance(TimeSpan.FromHours(23));
        string withoutRow = await TusTests.CreateAsync(server, 100), withoutContent = await TusTests.CreateAsync(server, 100);
        (await TusTests.PatchAsync(server, withoutRow, 0, new byte[40])).Dispose();
        await AsTenantAsync(server, s => s.GetRequiredService<StoreContext>().Set<UploadSegment>().ExecuteDeleteAsync(Token));
        Array.ForEach(Staged(server), File.Delete);
        (await TusTests.PatchAsync(server, withoutContent, 0, new byte[40])).Dispose();
        Array.ForEach(Staged(server), File.Delete);
        using (var last = await TusTests.PatchAsync(server, withoutRow, 40, new byte[60]))
        {
            Assert.Contains("only 60 are there", (await Expect.ProblemAsync(last, "unreadable", 500)).Detail(), StringComparison.Ordinal);
        }

        using (var last = await TusTests.PatchAsync(server, withoutContent, 40, new byte[60]))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, last.StatusCode);
        }

        // One that has expired is removed though these two fail again.
        time.Advance(TimeSpan.FromHours(2));
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            Assert.Equal(1, (await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(Token)).Uploads);
        }

        Assert.Equal(2, Staged(server).Length);
        foreach (var upload in (string[])[withoutRow, withoutContent])
        {
            using var ended = await TusTests.SendAsync(server, HttpMethod.Delete, upload);
            Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
            await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{upload.Split('/')[^1]}", Token), "not-found", 404);
        }

        Assert.Empty(Staged(server));
        Assert.Empty(FileClient.Contents(server));
    }

    [Fact]
    public async Task An_upload_that_is_complete_can_be_given_up_without_becoming_a_file()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var location = await TusTests.CreateAsync(server, 100);
        (await TusTests.PatchAsync(server, location, 0, new byte[60])).Dispose();
        // As a process leaves it that is killed between the last part and the file.
        await AsTenantAsync(server, s => s.GetRequiredService<StoreContext>().Set<FileUpload>().ExecuteUpdateAsync(u => u.SetProperty(x => x.Length, 60), Token));
        using var ended = await TusTests.SendAsync(server, HttpMethod.Delete, location);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Empty(FileClient.Contents(server));
        Assert.Empty(Staged(server));
    }

    [Fact]
    public async Task Parts_stay_as_long_as_the_whole_that_is_made_of_them()
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        var part = await TusTests.CreateAsync(server, 10, ("Upload-Concat", "partial"));
        (await TusTests.PatchAsync(server, part, 0, new byte[10])).Dispose();
        time.Advance(TimeSpan.FromHours(23));
        using var final = await TusTests.SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Concat", $"final;{part} {part}"));
        Assert.Equal(HttpStatusCode.Created, final.StatusCode);
        time.Advance(TimeSpan.FromHours(22));
        using var head = await TusTests.SendAsync(server, HttpMethod.Head, part);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(new byte[20], await server.Client.ContentAsync(Guid.Parse(final.Headers.Location!.ToString().Split('/')[^1])));
    }

    [Fact]
    public async Task More_bytes_than_an_upload_takes_are_refused_by_what_it_takes()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var location = await TusTests.CreateAsync(server, 50);
        using var body = new StreamContent(new Unsized(new byte[100])) { Headers = { { "Content-Type", "application/offset+octet-stream" } } };
        using var answer = await TusTests.SendAsync(server, HttpMethod.Patch, location, body, ("Upload-Offset", "0"));
        Assert.Equal("There are more bytes than the 50 that the upload still takes.", (await Expect.ProblemAsync(answer, "too-large", 413)).Detail());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_length_that_is_said_late_and_what_streams_in_meanwhile_never_part(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await AsTenantAsync(server, async services =>
        {
            var uploads = services.GetRequiredService<UploadService>();
            var seen = await uploads.CreateAsync(null, null, false, Token);
            await uploads.AppendAsync(seen, 0, null, new MemoryStream(new byte[10]), 10, null, Token);
            var late = await Assert.ThrowsAsync<ProblemException>(() => uploads.AppendAsync(seen, 0, 5, new MemoryStream(), 0, null, Token));
            Assert.Equal(("Upload-Length", "range"), (late.Errors[0].Field, late.Errors[0].Rule));
            Assert.Equal((null, 10), await uploads.FindAsync(seen.Id, Token) is var first ? (first.Length, first.Offset) : default);

            seen = await uploads.CreateAsync(null, null, false, Token);
            await using var body = new Meanwhile(new byte[10], () => AsTenantAsync(server, async other =>
                Assert.Equal(5, (await other.GetRequiredService<UploadService>().AppendAsync(seen, 0, 5, new MemoryStream(), 0, null, Token)).Length)));
            var tooLong = await Assert.ThrowsAsync<ProblemException>(() => uploads.AppendAsync(seen, 0, null, body, null, null, Token));
            Assert.Equal(ProblemKind.TooLarge, tooLong.Kind);
            Assert.Equal((5, 0), await uploads.FindAsync(seen.Id, Token) is var second ? (second.Length, second.Offset) : default);
        });
        Assert.Single(Staged(server));
    }

    private static string[] Staged(ApiServer server) => Directory.GetFiles(Path.Combine(server.DataFolder, "staged"), "*", SearchOption.AllDirectories);

    private static async Task AsTenantAsync(ApiServer server, Func<IServiceProvider, Task> work)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        await work(scope.ServiceProvider);
    }

    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Does something before its first bytes arrive.</summary>
    private sealed class Meanwhile(byte[] bytes, Func<Task> act) : MemoryStream(bytes)
    {
        private bool _acted;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_acted)
            {
                _acted = true;
                await act();
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
