using System.Net.Sockets;
using System.Text;
using CloudStore.Ingestion;
using CloudStore.TestKit;
using Microsoft.Extensions.Configuration;

namespace CloudStore.Api.Tests.Faults;

/// <summary>A process that is told to stop does so soon, whoever is connected, and leaves its work where another goes on at once.</summary>
public sealed class StoppedWorkerTests
{
    private const int Rows = 60_000;

    // Callers have 8 seconds, or what a test gives them. The rest is for a machine that is busy with other tests.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task SIGTERM_ends_a_worker_in_mid_file_and_the_next_goes_on_without_waiting_for_a_lease(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var import = await GeneratedImport.SendAsync(server, 0, Rows);
        using (var worker = WorkerProcess.Start(server, ("Imports__LeaseSeconds", "3600")))
        {
            await import.GetFurtherAsync(1);
            Assert.Equal(0, await worker.TerminateAsync(Soon));
        }

        Assert.False(await import.IsOverAsync(), "The file was loaded before the worker could be stopped.");
        using var next = WorkerProcess.Start(server);
        await import.EndAsync();
        await import.AssertLoadedAsync();
        Assert.Equal(0, await next.TerminateAsync(Soon));
    }

    [Fact]
    public async Task A_job_is_let_go_before_the_callers_are_done()
    {
        await using var server = await StartAsync(("shutdownTimeoutSeconds", "120"));
        await using var other = await ApiServer.StartAsync(Provider.Sqlite, sharing: server);
        var import = await GeneratedImport.SendAsync(other, 0, Rows);
        await import.GetFurtherAsync(1);
        using var socket = await ConnectAsync(server, "POST /v1/imports?target=campaigns HTTP/1.1\r\nContent-Length: 1000\r\n", "campaignId\n");
        var staged = Path.Combine(server.DataFolder, "staged");
        await Eventually.Async(() => Directory.GetFiles(staged, "*.part", SearchOption.AllDirectories).Length == 1, Soon, "the upload to begin");

        var stopping = server.App.StopAsync(Token);
        await Eventually.Async(async () => await import.StatusAsync() == "queued", Soon, "the job to be let go");
        Assert.False(stopping.IsCompleted, "The server did not wait for the upload.");
        socket.Dispose();
        await stopping.WaitAsync(Soon, Token);
        Assert.Equal("queued", await import.StatusAsync());
    }

    [Fact]
    public async Task An_open_stream_is_committed_acknowledged_and_ended()
    {
        await using var server = await StartAsync(("shutdownTimeoutSeconds", "20"));
        await using var other = await ApiServer.StartAsync(Provider.Sqlite, sharing: server);
        // Two rows are a batch; the third waits for its time, and the fourth for its end.
        const string rows = "{\"campaignId\":\"one\"}\n{\"campaignId\":\"two\"}\n{\"campaignId\":\"three\"}\n{\"campaignId\":\"hal";
        using var socket = await ConnectAsync(server, "POST /v1/streams/campaigns?batchRows=2&batchMilliseconds=60000 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", $"{rows.Length:x}\r\n{rows}\r\n");
        using var reader = new StreamReader(socket.GetStream());
        await AssertReadsAsync(reader, "\"line\":2,\"loaded\":2");
        var stopping = server.App.StopAsync(Token);
        await AssertReadsAsync(reader, "\"line\":3,\"loaded\":1");
        await stopping.WaitAsync(Soon, Token);
        using var answer = await other.Client.GetAsync("/v1/campaigns?count=true", Token);
        Assert.Equal(3, (await Expect.JsonAsync(answer, 200)).GetProperty("count").GetInt32());
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Followers_of_a_job_are_let_go()
    {
        await using var server = await StartAsync(("Imports:Workers", "0"));
        var import = await GeneratedImport.SendAsync(server, 0, 10);
        using var events = await server.Client.GetAsync($"/v1/imports/{import.Id}/events", HttpCompletionOption.ResponseHeadersRead, Token);
        var stopping = server.App.StopAsync(Token);
        Assert.StartsWith("event: progress", await events.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await stopping.WaitAsync(Soon, Token);
        Assert.Empty(server.Log.Errors);
    }

    private static Task<ApiServer> StartAsync(params (string Name, string Value)[] settings) => ApiServer.StartAsync(Provider.Sqlite, map: app => app.MapIngestion(), configure: builder =>
    {
        builder.Configuration.AddInMemoryCollection([new("Imports:BatchRows", "100"), new("Imports:PollMilliseconds", "50")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value)));
        builder.AddIngestion();
    });

    private static async Task<TcpClient> ConnectAsync(ApiServer server, string head, string body)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(server.Address.Host, server.Address.Port, Token);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{head}Host: x\r\nAuthorization: Bearer {ApiServer.OperatorKey}\r\n\r\n{body}"), Token);
        return socket;
    }

    private static async Task AssertReadsAsync(StreamReader reader, string part)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(Token).AsTask().WaitAsync(Soon, Token);
            Assert.NotNull(line);
        }
        while (!line.Contains(part, StringComparison.Ordinal));
    }
}
