using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Audit;

/// <summary>A store whose events are taken into a log when the test says so, and can be tampered with by SQL and in the files.</summary>
internal sealed class AuditedStore : IAsyncDisposable
{
    private readonly Database _database;

    private AuditedStore(TestStore store, Database database) => (Store, _database) = (store, database);

    public TestStore Store { get; }

    public AuditLogKeeper Keeper => Store.Services.GetRequiredService<AuditLogKeeper>();

    public LogFolder Folder => Store.Services.GetRequiredService<AuditLogs>().Folder;

    public NoteVerifier Verifier => Store.Services.GetRequiredService<AuditLogs>().Verifier;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<AuditedStore> OpenAsync(Database database, TimeProvider? time = null) => new(await TestStore.OpenAsync(database, time), database);

    /// <summary>Makes campaigns, one event each.</summary>
    public async Task CreateAsync(int count, string prefix = "c")
    {
        var records = Store.Get<RecordStore<Campaign>>();
        for (int i = 0; i < count; i++)
        {
            await records.CreateAsync(new Campaign { NaturalKey = $"{prefix}-{i}", CampaignId = $"{prefix}-{i}", Spend = i }, Token);
        }
    }

    /// <summary>Makes campaigns and lets the log take their events.</summary>
    public async Task LogAsync(int count, string prefix = "c")
    {
        await CreateAsync(count, prefix);
        await Keeper.RunOnceAsync(Token);
    }

    public async Task<List<AuditEvent>> EventsAsync()
    {
        await using var scope = Store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AuditEvent>().AsNoTracking().OrderBy(e => e.Sequence).ToListAsync(Token);
    }

    public List<AuditEvent> Logged()
    {
        long size = Checkpoint.Open(Folder.ReadCheckpoint()!, Verifier)!.Size;
        var entries = new List<AuditEvent>();
        for (long bundle = 0; bundle * TilePath.Width < size; bundle++)
        {
            entries.AddRange(Folder.ReadEntries(bundle, size)!.Select(e => AuditEntry.Read(e)!));
        }

        return entries;
    }

    public async Task<AuditReport> VerifyAsync()
    {
        await using var scope = Store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AuditVerifier>().VerifyAsync(Token);
    }

    public async Task<long> ArchiveAsync(DateTime before)
    {
        await using var scope = Store.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AuditArchive>().MoveAsync(before, "test", Token);
    }

    /// <summary>Runs SQL behind the product's back: as the database's superuser, or straight on the file.</summary>
    public async Task SqlAsync(string sql)
    {
        if (_database == Database.Postgres)
        {
            await Store.Postgres.ScalarAsync(sql, Token);
            return;
        }

        await using var scope = Store.Services.CreateAsyncScope();
        var file = new SqliteConnectionStringBuilder(scope.ServiceProvider.GetRequiredService<StoreContext>().Database.GetConnectionString()) { Pooling = false };
        await using var connection = new SqliteConnection(file.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        Keeper.Dispose();
        await Store.DisposeAsync();
    }
}
