using System.Diagnostics;
using CloudStore.ProtectedSample;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Tests.Protection.Rotation;

/// <summary>Processes that rotate and are killed by signal 9 lose nothing, and the next goes on from there.</summary>
public sealed class KilledRotationTests
{
    private const int Rows = 12_000;
    private const int Kills = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_rotation_that_is_killed_five_times_is_finished_by_the_sixth_process(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var bulk = new BulkWriter<Visit>(store.Context());
        await bulk.WriteAsync([.. Enumerable.Range(0, Rows).Select(i => Samples.Visit($"k{i:00000}", i))], ConflictMode.Reject, null, Token);
        var gone = await store.Visits().Query.OrderBy(v => v.NaturalKey).FirstAsync(Token);
        await store.Visits().DeleteAsync(gone.Id, null, "a test", Token);
        var old = await RotationTests.KeyIdsAsync(store);
        long before = 0;
        var random = new Random(9);
        for (int kill = 0; kill < Kills; kill++)
        {
            using var process = Start(store);
            // Somewhere in the next sixth of the tokens, in the middle of whatever it does then.
            long until = before + random.Next(1, 2 * Rows / (Kills + 2));
            await Eventually.Async(async () => await EncryptedAsync(store) >= until || process.HasExited, TimeSpan.FromMinutes(5), "the rotation gets further");
            Assert.False(process.HasExited, "It ended by itself before it could be killed.");
            process.Kill();
            await process.WaitForExitAsync(Token);
            Assert.Equal(137, process.ExitCode);
            long after = await EncryptedAsync(store);
            Assert.InRange(after, before + 1, 2 * Rows - 1);
            before = after;
        }

        using (var last = Start(store))
        {
            await last.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(5), Token);
            Assert.Equal(0, last.ExitCode);
        }

        Assert.Equal(2 * Rows, await EncryptedAsync(store));
        Assert.Empty((await RotationTests.CarriedAsync(store)).Intersect(old));
        var read = await store.Visits().Query.IgnoreQueryFilters([StoreContext.DeletedFilter]).OrderBy(v => v.NaturalKey).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => ((decimal)i, $"k{i:00000}@example.org")), read.Select(v => (v.Mrp, v.Email!)));
        Assert.Equal(1, Convert.ToInt32(await store.SqlAsync("SELECT count(*) FROM data_keys WHERE purpose = 'Fields' AND state = 'Active'"), null));
        Assert.Equal(2, (await RotationTests.KeyIdsAsync(store)).Count);
    }

    private static async Task<long> EncryptedAsync(ProtectedStore store) => Convert.ToInt64(await store.SqlAsync("SELECT coalesce(sum(rows_encrypted), 0) FROM key_rotations"), null);

    private static Process Start(ProtectedStore store)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Visit).Assembly.Location, "acme"]) { WorkingDirectory = store.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Data__Root"] = store.Folder;
        start.Environment["ConnectionStrings__records"] = store.ConnectionString ?? "";
        start.Environment["Protection__KeyCacheSeconds"] = "1";
        start.Environment["Protection__RotationBatchRows"] = "100";
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
