using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Imports;

/// <summary>NDJSON in without end, acknowledgements out, on one connection.</summary>
public sealed class StreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Acknowledgements_name_the_last_committed_line_and_the_rejected_ones(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var rows = string.Concat(Enumerable.Range(0, 2500).Select(i => i == 1200 ? "{oops\n" : $"{{\"campaignId\":\"s-{i}\",\"spend\":1}}\n"));
        using var answer = await host.Client.PostAsync("/v1/streams/campaigns?batchMilliseconds=60000", new StringContent(rows), Token);
        var acks = (await answer.Content.ReadAsStringAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal([1000, 2000, 2500], acks.Select(a => a.GetProperty("line").GetInt32()));
        Assert.Equal([1000, 999, 500], acks.Select(a => a.GetProperty("loaded").GetInt32()));
        Assert.Equal(1201, acks[1].GetProperty("rejected")[0].GetProperty("line").GetInt32());
        Assert.Equal(2499, (await host.TotalAsync()).GetProperty("rows").GetInt64());
    }

    [Fact]
    public async Task A_row_is_acknowledged_while_the_sender_still_sends_and_stays_when_it_breaks_off()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(host.Server.Address.Host, host.Server.Address.Port, Token);
            var stream = socket.GetStream();
            await SendAsync(stream, $"POST /v1/streams/campaigns?batchMilliseconds=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ApiServer.OperatorKey}\r\nTransfer-Encoding: chunked\r\n\r\n");
            await SendAsync(stream, Chunk("{\"campaignId\":\"one\"}\n"));
            using var reader = new StreamReader(stream, leaveOpen: true);
            Assert.Contains("\"line\":1,\"loaded\":1", await LineWithAsync(reader, "\"line\""));
            await SendAsync(stream, Chunk("{\"campaignId\":\"two\"}\n{\"campaignId\":\"hal"));
            Assert.Contains("\"line\":2,\"loaded\":1", await LineWithAsync(reader, "\"line\""));
        }

        Assert.Equal(["one", "two"], (await host.CampaignsAsync()).Select(c => c.GetProperty("campaignId").GetString()));
    }

    [Fact]
    public async Task A_blocked_database_holds_the_sender_back_and_nothing_is_lost()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        await host.LoadAsync("campaignId\nfirst\n");
        await using var blocker = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(host.Server.DataFolder, "records.db")}");
        await blocker.OpenAsync(Token);
        await using var held = await blocker.BeginTransactionAsync(Token);
        var rows = new CountedRows(200_000);
        var sending = host.Client.PostAsync("/v1/streams/campaigns", new StreamContent(rows), Token);
        long before = -1;
        await Eventually.Async(async () =>
        {
            // It stands still once the buffers of both sides are full, long before the end.
            bool stands = rows.BytesRead == before && before > 0;
            before = rows.BytesRead;
            await Task.Delay(500, Token);
            return stands;
        }, TimeSpan.FromMinutes(1), "the sender to be held back");
        Assert.InRange(rows.BytesRead, 1, rows.TotalBytes / 2);
        await held.RollbackAsync(Token);
        using var answer = await sending;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(200_001, (await host.TotalAsync()).GetProperty("rows").GetInt64());
    }

    [Fact]
    public async Task An_unknown_target_is_a_problem_before_any_row()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        using var answer = await host.Client.PostAsync("/v1/streams/nope", new StringContent("{}\n"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("There is no target 'nope'", await answer.Content.ReadAsStringAsync(Token));
    }

    private static async Task SendAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Token);

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";

    private static async Task<string> LineWithAsync(StreamReader reader, string part)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync(Token) ?? throw new EndOfStreamException("The server closed the stream.");
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    /// <summary>Rows made as they are read, so that what was read is what the connection took.</summary>
    private sealed class CountedRows(int rows) : MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, rows).Select(i => $"{{\"campaignId\":\"row-{i}\",\"additionalData\":{{\"text\":\"{new string('x', 100)}\"}}}}\n"))))
    {
        private long _read;

        public long BytesRead => Interlocked.Read(ref _read);

        public long TotalBytes => Length;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            Interlocked.Add(ref _read, read);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
