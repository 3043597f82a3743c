using System.Globalization;
using System.Text;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Imports.Jobs;

/// <summary>What a reject tells is as secret as what was loaded; rejects of older versions, which kept it in clear, are read and encrypted.</summary>
public sealed class EncryptedRejectsTests
{
    private const string Secret = "77123.45.98";
    private const int Rows = 900;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Nothing_of_a_rejected_price_stands_in_clear(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var job = await store.LoadAsync($"productId,quantity,sellingPrice,currency,soldAt\nRICE,1,{Secret},INR,2024-01-05\n", new ImportOptions { Target = "retail.sales" });
        Assert.Equal((1, 0, 0, 0, 1), ImportStore.Counts(job));
        Assert.Equal((1L, 0L), (await CountAsync(store, "detail IS NOT NULL"), await CountAsync(store, "value <> '' OR reason <> '' OR raw <> ''")));
        Assert.DoesNotContain(Secret, await DumpAsync(store), StringComparison.Ordinal);
        Assert.Contains($"RICE,1,{Secret},INR", await store.RejectsAsync(job), StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task Rejects_from_before_are_read_as_they_are_and_encrypted_by_runs_that_are_stopped_midway(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database, configure: s => s.PostConfigure<ProtectionOptions>(o => o.RotationBatchRows = 7));
        var job = await RejectedBeforeAsync(store);
        var before = await store.RejectsAsync(job);
        Assert.Equal(Rows + 1, before.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($",no{Rows - 1},", before, StringComparison.Ordinal);

        // The row in the middle cannot be written: what the run did before that stays.
        var clear = store.Services.GetRequiredService<ClearRows>();
        await ChangeSchemaAsync(store, store.ConnectionString is null
            ? $"CREATE TRIGGER stop BEFORE UPDATE ON import_rejects WHEN NEW.line = {Rows / 2} BEGIN SELECT RAISE(ABORT, 'stopped'); END"
            : $"CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.line = {Rows / 2} THEN RAISE EXCEPTION 'stopped'; END IF; RETURN NEW; END $$; "
                + "CREATE TRIGGER stop BEFORE UPDATE ON import_rejects FOR EACH ROW EXECUTE FUNCTION stop()");
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => clear.MoveAsync(Token));
        await ChangeSchemaAsync(store, store.ConnectionString is null ? "DROP TRIGGER stop" : "DROP TRIGGER stop ON import_rejects");

        long left = await CountAsync(store, "detail IS NULL");
        Assert.InRange(left, 1, Rows - 1);
        Assert.Equal(left, await CountAsync(store, "value <> '' AND raw <> '' AND reason <> ''"));
        Assert.Equal(before, await store.RejectsAsync(job));
        Assert.Equal(left, await clear.MoveAsync(Token));
        Assert.Equal(0L, await clear.MoveAsync(Token));
        Assert.Equal(0L, await CountAsync(store, "detail IS NULL OR value <> '' OR raw <> '' OR reason <> ''"));
        Assert.Equal(before, await store.RejectsAsync(job));
        Assert.DoesNotContain("secret-7-", await DumpAsync(store), StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task Two_runs_at_once_and_a_rotation_after_them_lose_nothing(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database, configure: s => s.PostConfigure<ProtectionOptions>(o => (o.RotationBatchRows, o.KeyCacheSeconds) = (50, 1)));
        var job = await RejectedBeforeAsync(store);
        var before = await store.RejectsAsync(job);
        ClearRows[] both = [ActivatorUtilities.CreateInstance<ClearRows>(store.Services), ActivatorUtilities.CreateInstance<ClearRows>(store.Services)];
        await Task.WhenAll(both.Select(c => Task.Run(() => c.MoveAsync(Token), Token)));
        Assert.Equal(0L, await CountAsync(store, "detail IS NULL"));

        await RotateAsync(store, Rows);
        Assert.Equal(before, await store.RejectsAsync(job));
    }

    [Fact]
    public async Task With_protection_turned_off_rows_in_clear_stay_and_a_rotation_passes_over_them()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite, configure: s => s.PostConfigure<ProtectionOptions>(o => o.KeyCacheSeconds = 1));
        var job = await RejectedBeforeAsync(store);
        var off = Microsoft.Extensions.Options.Options.Create(new ProtectionOptions { Enabled = false });
        Assert.Equal(0L, await new ClearRows(store.Services, new FieldCipher(store.Services.GetRequiredService<KeyRing>(), off), off).MoveAsync(Token));
        await RotateAsync(store, 0);
        Assert.Equal(Rows, await CountAsync(store, "detail IS NULL AND value <> ''"));
        Assert.Contains("secret-7-", await store.RejectsAsync(job), StringComparison.Ordinal);
    }

    /// <summary>A job whose rejects are as the version before this one wrote them.</summary>
    private static async Task<ImportJob> RejectedBeforeAsync(ImportStore store)
    {
        var csv = new StringBuilder("campaignId,spend\n");
        for (int i = 0; i < Rows; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"secret-{i}-,no{i}\n");
        }

        var job = await store.LoadAsync(csv.ToString());
        Assert.Equal((Rows, 0, 0, 0, Rows), ImportStore.Counts(job));
        await store.AsAsync<StoreContext, int>(async c =>
        {
            foreach (var reject in await c.Set<ImportReject>().ToListAsync(Token))
            {
                var (value, reason, raw, id) = (reject.Value, reject.Reason, reject.Raw, reject.Id);
                await c.Set<ImportReject>().Where(r => r.Id == id).ExecuteUpdateAsync(
                    s => s.SetProperty(r => r.Detail, (byte[]?)null).SetProperty(r => r.ClearValue, value).SetProperty(r => r.ClearReason, reason).SetProperty(r => r.ClearRaw, raw), Token);
            }

            return 0;
        });
        return job;
    }

    private static async Task RotateAsync(ImportStore store, int encrypted)
    {
        var keys = store.Services.GetRequiredService<KeyOperations>();
        var rotation = await keys.RotateAsync("acme", "tester", cancellationToken: Token);
        Assert.True(await store.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, null, Token));
        Assert.Equal(encrypted, (await keys.FindRotationAsync(rotation.Id, "acme", Token)).RowsEncrypted);
    }

    private static async Task ChangeSchemaAsync(ImportStore store, string sql)
    {
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreContext>().Database.ExecuteSqlRawAsync(sql, Token);
    }

    private static Task<long> CountAsync(ImportStore store, string where)
    {
        var sql = $"SELECT count(*) AS \"Value\" FROM import_rejects WHERE {where}";
        return store.AsAsync<StoreContext, long>(c => c.Database.SqlQueryRaw<long>(sql).SingleAsync(Token));
    }

    /// <summary>All that whoever has the database's files sees: on SQLite the files, on Postgres the tables of imports and sales.</summary>
    private static async Task<string> DumpAsync(ImportStore store)
    {
        if (store.ConnectionString is null)
        {
            var folder = Path.GetDirectoryName(store.StagedFolder)!;
            return string.Concat(Directory.GetFiles(folder, "records.db*").Select(f =>
            {
                using var file = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(file, Encoding.Latin1);
                return reader.ReadToEnd();
            }));
        }

        return await store.AsAsync<StoreContext, string>(c => c.Database.SqlQueryRaw<string>(
            "SELECT coalesce((SELECT string_agg(r::text, '') FROM import_rejects r), '') || coalesce((SELECT string_agg(j::text, '') FROM import_jobs j), '') "
            + "|| coalesce((SELECT string_agg(a::text, '') FROM audit_events a), '') AS \"Value\"").SingleAsync(Token));
    }
}
