using System.Data.Common;
using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CloudStore.Storage.Tests.Operations.Lifecycle;

/// <summary>Keepers that remove what is too old and are killed by signal 9, or are several at once: no row is ever in neither place, and none in the archive twice.</summary>
public sealed class KilledRetentionTests : IDisposable
{
    private const int Rows = 24_000;
    private readonly TempFolder _archive = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _archive.Dispose();

    [Theory, EachDatabase]
    public async Task A_retention_that_is_killed_between_archive_and_purge_and_elsewhere_loses_nothing_and_the_next_finishes(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await FillAsync(store);
        await using (var blocker = await BlockAsync(store, database))
        {
            using var first = Start(store, database);
            // The rows cannot go: the process waits with them between the two steps.
            await Eventually.Async(() => Task.FromResult(Files().Length > 0 || first.HasExited), TimeSpan.FromSeconds(90), "rows are archived");
            await KillAsync(first);
        }

        Assert.Equal(Rows, await CountAsync(store));
        Assert.NotEmpty(Archived());
        var random = new Random(9);
        for (int kill = 0; kill < 3; kill++)
        {
            using var process = Start(store, database);
            int left = await CountAsync(store) - random.Next(1, 5000);
            await Eventually.Async(async () => await CountAsync(store) <= left || process.HasExited, TimeSpan.FromSeconds(90), "more rows are removed");
            await KillAsync(process);
            var archived = Archived();
            var stored = await StoredAsync(store);
            Assert.Equal(Rows, stored.Union(archived).Count());
            Assert.NotEmpty(stored);
        }

        using (var last = Start(store, database))
        {
            await last.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(90), Token);
            Assert.Equal(0, last.ExitCode);
        }

        Assert.Equal(0, await CountAsync(store));
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => $"c{i:00000}"), Archived().Order(StringComparer.Ordinal));
        await using var scope = store.Services.CreateAsyncScope();
        Assert.Equal(Rows, await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<Storage.Protection.Audit.AuditEvent>()
            .Where(e => e.Action == Storage.Protection.Audit.AuditAction.Purge).SumAsync(e => e.Items, Token));
    }

    [Theory, EachDatabase]
    public async Task Several_keepers_at_once_archive_and_remove_each_row_once(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await FillAsync(store);
        _time.Advance(TimeSpan.FromDays(31));
        var removed = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Retention(store).RunAsync(Token), Token)));
        Assert.Equal(Rows, removed.Sum(r => r.GetValueOrDefault("campaigns")));
        Assert.Equal(0, await CountAsync(store));
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => $"c{i:00000}"), Archived().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rows_that_are_written_again_take_their_own_place_and_never_another_rows()
    {
        var archive = new Archive(Options.Create(new RetentionOptions { ArchiveFolder = _archive.FullPath }), new DataOptions(), _time);
        var (a, b, c) = (Row("a"), Row("b"), Row("c"));
        archive.Write("campaigns", "acme", [a, b, c]);
        archive.Write("campaigns", "acme", [a, b, c]);
        Assert.Equal(["a", "b", "c"], Archived());
        // As from an older copy of the database, which has not b.
        archive.Write("campaigns", "acme", [a, c]);
        Assert.Equal(["a", "a", "b", "c", "c"], Archived().Order(StringComparer.Ordinal));
    }

    private static (Guid Id, byte[] Row) Row(string name)
    {
        var id = new Guid(name[0], 0, 0, new byte[8]);
        return (id, JsonSerializer.SerializeToUtf8Bytes(new { id, campaign_id = name }));
    }

    private static async Task FillAsync(TestStore store)
    {
        var rows = Enumerable.Range(0, Rows).Select(i => new Campaign { NaturalKey = $"c{i:00000}", CampaignId = $"c{i:00000}" }).ToList();
        await new BulkWriter<Campaign>(store.For("acme").GetRequiredService<StoreContext>()).WriteAsync(rows, ConflictMode.Reject, cancellationToken: Token);
    }

    private Retention Retention(TestStore store)
    {
        var options = Options.Create(new RetentionOptions { Days = { ["campaigns"] = 30 }, ArchiveFolder = _archive.FullPath });
        return new Retention(store.Services.CreateScope().ServiceProvider.GetRequiredService<StoreContext>(), new Archive(options, new DataOptions(), TimeProvider.System), options, NullLogger<Retention>.Instance);
    }

    private Process Start(TestStore store, Database database)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Retention).Assembly.Location, "retention"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Data__Root"] = Path.GetDirectoryName(KeyFile(store))!;
        start.Environment["ConnectionStrings__records"] = database == Database.Postgres ? store.Postgres.ConnectionString : "";
        start.Environment["Retention__Days__campaigns"] = "30";
        start.Environment["Retention__ArchiveFolder"] = _archive.FullPath;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string KeyFile(TestStore store) => store.Services.GetRequiredService<DataOptions>().PathOf("master-key");

    private static async Task KillAsync(Process process)
    {
        Assert.False(process.HasExited, "It ended by itself before it could be killed.");
        process.Kill();
        await process.WaitForExitAsync(Token);
        Assert.Equal(137, process.ExitCode);
    }

    // Reading goes on; on Postgres one row cannot be removed, on SQLite nobody else writes.
    private static async Task<DbConnection> BlockAsync(TestStore store, Database database)
    {
        DbConnection connection = database == Database.Postgres
            ? new NpgsqlConnection(store.Postgres.ConnectionString)
            : new SqliteConnection($"Data Source={store.Services.GetRequiredService<DataOptions>().PathOf("records.db")};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = database == Database.Postgres ? "BEGIN; SELECT id FROM campaigns ORDER BY id LIMIT 1 FOR UPDATE" : "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(Token);
        return connection;
    }

    private static async Task<int> CountAsync(TestStore store) => (await StoredAsync(store)).Count;

    private static async Task<List<string>> StoredAsync(TestStore store)
    {
        await using var scope = store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<Campaign>().IgnoreQueryFilters().Select(c => c.CampaignId).ToListAsync(Token);
    }

    private string[] Files() => Directory.Exists(Path.Combine(_archive.FullPath, "campaigns")) ? Directory.GetFiles(_archive.FullPath, "*.gz", SearchOption.AllDirectories) : [];

    private List<string> Archived() =>
    [
        .. Files().SelectMany(file =>
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("campaign_id").GetString()!);
        }),
    ];
}
