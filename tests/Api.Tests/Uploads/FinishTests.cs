using System.Data.Common;
using System.Net;
using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Uploads;

/// <summary>Making a file of an upload takes as long as its content is: it is done once, whoever asks meanwhile and whoever stops waiting.</summary>
public sealed class FinishTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_made_once_and_goes_on_when_its_request_has_ended()
    {
        var gate = new Gate();
        await using var server = await ApiServer.StartAsync(Provider.Postgres, configure: b => gate.AddTo(b.Services));
        await using var other = await ApiServer.StartAsync(Provider.Postgres, sharing: server, configure: b => gate.AddTo(b.Services));
        var content = FileClient.Noise(1000);
        var location = await TusTests.CreateAsync(server, content.Length);
        gate.Close();
        using (var impatient = new CancellationTokenSource())
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new ByteArrayContent(content) { Headers = { { "Content-Type", "application/offset+octet-stream" } } } };
            request.Headers.Add("Tus-Resumable", "1.0.0");
            request.Headers.Add("Upload-Offset", "0");
            var patch = server.Client.SendAsync(request, impatient.Token);
            await gate.Entered.WaitAsync(TimeSpan.FromMinutes(1), Token);
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patch);
        }

        // Others are told at once how far it is, and begin nothing of their own.
        foreach (var process in (ApiServer[])[server, other])
        {
            using var head = await TusTests.SendAsync(process, HttpMethod.Head, location);
            Assert.Equal((HttpStatusCode.OK, "1000"), (head.StatusCode, TusTests.Header(head, "Upload-Offset")));
        }

        using (var again = await TusTests.PatchAsync(other, location, 1000, Array.Empty<byte>()))
        {
            Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        }

        Assert.Equal(1, gate.Finishes);
        gate.Open();
        await Eventually.Async(async () =>
        {
            using var head = await TusTests.SendAsync(other, HttpMethod.Head, location);
            return TusTests.Header(head, "Upload-Expires") is null;
        }, TimeSpan.FromMinutes(1), "the upload to become a file");
        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
    }

    /// <summary>Holds up whoever asks for an upload's parts, which is how a file of it begins to be made.</summary>
    private sealed class Gate : DbCommandInterceptor
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously), _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _closed;
        private int _finishes;

        public Task Entered => _entered.Task;

        public int Finishes => Volatile.Read(ref _finishes);

        public void AddTo(IServiceCollection services) => services.ConfigureDbContext<PostgresContext>(o => o.AddInterceptors(this));

        public void Close() => _closed = true;

        public void Open()
        {
            _closed = false;
            _open.TrySetResult();
        }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (_closed && command.CommandText.Contains("file_upload_segments", StringComparison.Ordinal) && command.CommandText.StartsWith("SELECT", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _finishes);
                _entered.TrySetResult();
                await _open.Task.WaitAsync(cancellationToken);
            }

            return result;
        }
    }
}
