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
            await Eventually.Async(() => Task.FromResult(Staged().Length > 0 || first.HasExited), TimeSpan.FromMinutes(5), "rows are staged");
            await KillAsync(first);
        }

        Assert.Equal(Rows, await CountAsync(store));
        Assert.Empty(Archived());
        var random = new Random(9);
        for (int kill = 0; kill < 3; kill++)
        {
            using var process = Start(store, database);
            int left = await CountAsync(store) - random.Next(1, 5000);
            await Eventually.Async(async () => await CountAsync(store) <= left || process.HasExited, TimeSpan.FromMinutes(5), "more rows are removed");
            await KillAsync(process);
            var archived = Archived();
            var stored = await StoredAsync(store);
            Assert.Equal(Rows, stored.Union(archived).Union(Staged().SelectMany(Names)).Count());
            Assert.Empty(stored.Intersect(archived));
            Assert.NotEmpty(stored);
        }

        await FinishAsync(store, database);
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
    public async Task A_keeper_that_is_killed_between_the_removal_and_the_archives_knowing_of_it_has_archived_each_row_once()
    {
        await using var store = await TestStore.OpenAsync(Database.Postgres, _time);
        await FillAsync(store);
        var blocker = await BlockAsync(store, Database.Postgres);
        using var process = Start(store, Database.Postgres);
        await Eventually.Async(() => Task.FromResult(Staged().Length > 0 || process.HasExited), TimeSpan.FromMinutes(5), "rows are staged");
        // Next in the queue for the archive: the process has it until its rows are gone, and needs it again to say that they are archived.
        await using var connection = new NpgsqlConnection(store.Postgres.ConnectionString);
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using var command = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({Archive.LockId})", connection, transaction);
        var archive = command.ExecuteNonQueryAsync(Token);
        await Eventually.Async(async () => (long)(await ScalarAsync(store, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))! > 0, TimeSpan.FromMinutes(5), "it waits");
        await blocker.DisposeAsync();
        await archive;
        Assert.Equal(Rows - 2000, await CountAsync(store));
        Assert.Empty(Archived());
        Assert.Single(Staged());
        await KillAsync(process);
        await transaction.DisposeAsync();
        await FinishAsync(store, Database.Postgres);
    }

    [Theory, EachDatabase]
    public async Task A_keeper_that_fails_between_the_removal_and_the_archives_knowing_of_it_has_archived_each_row_once(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        await FillAsync(store);
        string obstacle;
        await using (var blocker = await BlockAsync(store, database))
        {
            using var process = Start(store, database);
            await Eventually.Async(() => Task.FromResult(Staged().Length > 0 || process.HasExited), TimeSpan.FromMinutes(5), "rows are staged");
            // Where the batch would go once its rows are gone.
            obstacle = Directory.CreateDirectory(Staged().Single()[..^".staged".Length]).FullName;
            await blocker.DisposeAsync();
            await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(5), Token);
            Assert.NotEqual(0, process.ExitCode);
        }

        Assert.Equal(Rows - 2000, await CountAsync(store));
        Assert.Single(Staged());
        Directory.Delete(obstacle);
        await FinishAsync(store, database);
    }

    [Theory, EachDatabase]
    public async Task A_batch_that_was_staged_is_archived_also_where_nothing_is_due_any_more(Database database)
    {
        await using var store = await TestStore.OpenAsync(database, _time);
        var archive = new Archive(Options.Create(new RetentionOptions { ArchiveFolder = _archive.FullPath }), new DataOptions(), _time);
        archive.Stage("campaigns", "acme", [JsonSerializer.SerializeToUtf8Bytes(new { id = Guid.CreateVersion7(), campaign_id = "gone" })]);
        var options = Options.Create(new RetentionOptions());
        await new Retention(store.Services.CreateScope().ServiceProvider.GetRequiredService<StoreContext>(), archive, options, NullLogger<Retention>.Instance).RunAsync(Token);
        Assert.Equal(["gone"], Archived());
        Assert.Empty(Staged());
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

    private async Task FinishAsync(TestStore store, Database database)
    {
        using var last = Start(store, database);
        await last.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(5), Token);
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(0, await CountAsync(store));
        Assert.Empty(Staged());
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => $"c{i:00000}"), Archived().Order(StringComparer.Ordinal));
    }

    private static async Task<object?> ScalarAsync(TestStore store, string sql)
    {
        await using var connection = new NpgsqlConnection(store.Postgres.ConnectionString);
        await connection.OpenAsync(Token);
        return await new NpgsqlCommand(sql, connection).ExecuteScalarAsync(Token);
    }

    private string[] Files(string pattern) => Directory.Exists(Path.Combine(_archive.FullPath, "campaigns")) ? Directory.GetFiles(_archive.FullPath, pattern, SearchOption.AllDirectories) : [];

    private string[] Staged() => Files("*.staged");

    private List<string> Archived() => [.. Files("*.gz").SelectMany(Names)];

    private static List<string> Names(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("campaign_id").GetString()!)];
    }
}
