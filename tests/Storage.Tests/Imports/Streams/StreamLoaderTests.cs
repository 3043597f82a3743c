using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Streams;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Tests.Imports.Streams;

/// <summary>Micro-batches and their acknowledgements, without a connection in between.</summary>
public sealed class StreamLoaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_batch_is_committed_when_its_time_is_over(Database database)
    {
        var time = new ManualTime();
        await using var store = await ImportStore.OpenAsync(database, time);
        var pipe = new Pipe();
        var acks = Channel.CreateUnbounded<StreamAck>();
        var loading = LoadAsync(store, pipe.Reader.AsStream(), new StreamSettings { BatchMilliseconds = 200 }, acks.Writer.WriteAsync);
        await pipe.Writer.WriteAsync("{\"campaignId\":\"a\"}\n{\"campaignId\":\"b\"}\n"u8.ToArray(), Token);
        await Eventually.Async(() => time.PendingTimers == 1, TimeSpan.FromMinutes(1), "the batch to have a time");
        time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.False(acks.Reader.TryPeek(out _));
        time.Advance(TimeSpan.FromMilliseconds(1));
        var first = await acks.Reader.ReadAsync(Token);
        Assert.Equal((2, 2, 0, 0), (first.Line, first.Loaded, first.Updated, first.Rejected.Count));
        Assert.Equal(2, await store.CountAsync());

        await pipe.Writer.WriteAsync("{\"campaignId\":\"a\",\"spend\":\"x\"}\n{\"campaignId\":\"b\"}\n"u8.ToArray(), Token);
        await pipe.Writer.CompleteAsync();
        await loading;
        var last = await acks.Reader.ReadAsync(Token);
        Assert.Equal((4, 0, 1, "3 spend x"), (last.Line, last.Loaded, last.Updated, string.Join(';', last.Rejected.Select(r => $"{r.Line} {r.Column} {r.Value}"))));
    }

    [Theory]
    [EachDatabase]
    public async Task What_a_sender_committed_before_it_broke_off_stays_and_no_half_line_is_loaded(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var acks = new List<StreamAck>();
        var rows = new Rows(2_345, breaks: true);
        await Assert.ThrowsAsync<IOException>(() => LoadAsync(store, rows, new StreamSettings { BatchRows = 100, BatchMilliseconds = 60_000 }, acks.Add));
        Assert.Equal([.. Enumerable.Range(1, 23).Select(i => i * 100L), 2_345], acks.Select(a => a.Line));
        Assert.Equal(2_345, acks.Sum(a => a.Loaded));
        Assert.Equal(2_345, await store.CountAsync());
    }

    [Fact]
    public async Task A_long_stream_is_never_read_further_ahead_than_two_batches_and_the_buffer_and_has_no_limit_of_bytes()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite, settings: ("MaxDecodedBytes", "1000000"));
        var rows = new Rows(200_000);
        long acknowledged = 0;
        await LoadAsync(store, rows, new StreamSettings { BatchRows = 1000, BatchMilliseconds = 60_000 }, ack =>
        {
            acknowledged += ack.Loaded;
            rows.Acknowledge(ack.Line);
        });
        Assert.Equal((200_000, 200_000), (acknowledged, await store.CountAsync()));
        Assert.InRange(rows.MostAhead, 1, 3000 + (512 * 1024 / Rows.LeastBytes));
    }

    [Fact]
    public async Task Large_rows_are_committed_before_their_batch_is_full()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite, settings: ("BatchBytes", "100000"));
        var acks = new List<StreamAck>();
        var text = new StringBuilder();
        for (int i = 0; i < 20; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{{\"campaignId\":\"{i}\",\"note\":\"{new string('x', 30_000)}\"}}\n");
        }

        await LoadAsync(store, new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), new StreamSettings { BatchMilliseconds = 60_000 }, acks.Add);
        Assert.InRange(acks.Count, 4, 7);
        Assert.Equal((20, 20), (acks.Sum(a => a.Loaded), await store.CountAsync()));
    }

    [Fact]
    public async Task A_blocked_database_stops_the_reading_and_everything_is_there_when_it_is_free_again()
    {
        await using var store = await ImportStore.OpenAsync(Database.Postgres);
        await using var blocker = new Npgsql.NpgsqlConnection(store.ConnectionString);
        await blocker.OpenAsync(Token);
        await using var held = await blocker.BeginTransactionAsync(Token);
        await using (var block = new Npgsql.NpgsqlCommand("LOCK TABLE campaigns IN ACCESS EXCLUSIVE MODE", blocker, held))
        {
            await block.ExecuteNonQueryAsync(Token);
        }

        var rows = new Rows(50_000);
        long acknowledged = 0;
        var loading = LoadAsync(store, rows, new StreamSettings { BatchRows = 500, BatchMilliseconds = 60_000 }, ack =>
        {
            acknowledged += ack.Loaded;
            rows.Acknowledge(ack.Line);
        });
        await using var waiting = new Npgsql.NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", blocker, held);
        await Eventually.Async(async () => (long)(await waiting.ExecuteScalarAsync(Token))! > 0, TimeSpan.FromMinutes(1), "the first batch to wait for the table");
        Assert.Equal(0, acknowledged);
        await held.RollbackAsync(Token);
        await loading;
        Assert.Equal((50_000, 50_000), (acknowledged, await store.CountAsync()));
        Assert.InRange(rows.MostAhead, 500, 1500 + (512 * 1024 / Rows.LeastBytes));
    }

    [Theory]
    [InlineData("llm-usage", """{"provider":"p","model":"m"}""")]
    [InlineData("campaigns", """{"campaignId":"a"}""")]
    public async Task A_batch_whose_commit_was_not_answered_is_there_once_and_acknowledged_as_loaded(string target, string row)
    {
        var (owned, cut) = await ImportStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var acks = new List<StreamAck>();
        way.LoseAnswer(a => a.Contains("COMMIT\0", StringComparison.Ordinal));
        var options = new ImportOptions { Target = target, OnConflict = ConflictMode.Reject };
        await LoadAsync(store, new MemoryStream(Encoding.UTF8.GetBytes(row + "\n")), new StreamSettings(), (ack, _) =>
        {
            acks.Add(ack);
            return ValueTask.CompletedTask;
        }, options);
        Assert.False(way.IsLosing);
        var ack = Assert.Single(acks);
        Assert.Equal((1, 1, 0), (ack.Line, ack.Loaded, ack.Rejected.Count));
        Assert.Equal(1, await store.AsAsync<StoreContext, int>(async c => await c.Set<LlmUsage>().CountAsync(Token) + await c.Set<Campaign>().CountAsync(Token)));
    }

    private static Task LoadAsync(ImportStore store, Stream input, StreamSettings batches, Action<StreamAck> acknowledge) => LoadAsync(store, input, batches, (ack, _) =>
    {
        acknowledge(ack);
        return ValueTask.CompletedTask;
    });

    private static Task LoadAsync(ImportStore store, Stream input, StreamSettings batches, Func<StreamAck, CancellationToken, ValueTask> acknowledge, ImportOptions? options = null) =>
        store.AsAsync<IServiceProvider, int>(async services =>
        {
            var imports = (ImportService)services.GetService(typeof(ImportService))!;
            var loader = (StreamLoader)services.GetService(typeof(StreamLoader))!;
            await loader.LoadAsync(imports.Plan(options ?? new ImportOptions { Target = "campaigns" }), input, batches, ack => acknowledge(ack, Token).AsTask(), CancellationToken.None, Token);
            return 0;
        });

    /// <summary>Rows made as they are read; notes how far reading gets ahead of what is acknowledged.</summary>
    private sealed class Rows(int rows, bool breaks = false) : Stream
    {
        /// <summary>No row is shorter.</summary>
        public const int LeastBytes = 28;

        private readonly MemoryStream _made = new();
        private long _next;
        private long _acknowledged;
        private bool _halfSent;

        public long MostAhead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Acknowledge(long line) => Interlocked.Exchange(ref _acknowledged, line);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // As a connection does, it gives what is there, not what was asked for; and never on the caller's stack.
            await Task.Yield();
            if (_made.Position == _made.Length)
            {
                _made.SetLength(0);
                for (int i = 0; i < 50 && _next < rows; i++, _next++)
                {
                    _made.Write(Encoding.UTF8.GetBytes($"{{\"campaignId\":\"r-{_next:000000}\"}}\n"));
                }

                if (_made.Length == 0 && breaks)
                {
                    if (_halfSent)
                    {
                        throw new IOException("The sender is gone.");
                    }

                    _halfSent = true;
                    _made.Write("{\"campaignId\":\"ha"u8);
                }

                _made.Position = 0;
                MostAhead = Math.Max(MostAhead, _next - Interlocked.Read(ref _acknowledged));
            }

            return _made.Read(buffer.Span);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
