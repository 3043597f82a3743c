using System.Diagnostics;
using CloudStore.ProtectedSample;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Rotation;

public sealed class RotationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Afterwards_no_row_carries_an_old_key_deleted_ones_included(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:RotationBatchRows", "7"));
        var visits = store.Visits();
        for (int i = 0; i < 40; i++)
        {
            var visit = await visits.CreateAsync(Samples.Visit($"k{i}", person: i % 3 == 0 ? $"p{i % 2}" : null), Token);
            if (i % 5 == 0)
            {
                await visits.DeleteAsync(visit.Id, null, "a test", Token);
            }
        }

        var foreign = await store.Visits("globex").CreateAsync(Samples.Visit("theirs"), Token);
        var theirs = await store.TokenAsync(foreign.Id);
        var old = await KeyIdsAsync(store);
        var done = await RotateAsync(store, "acme");
        Assert.Equal((RotationState.Succeeded, 80L, 0L), (done.State, done.RowsEncrypted, done.RowsUnreadable));
        Assert.Empty((await CarriedAsync(store)).Intersect(old));
        Assert.Equal(theirs, await store.TokenAsync(foreign.Id));
        Assert.All(await store.Visits().Query.IgnoreQueryFilters([StoreContext.DeletedFilter]).ToListAsync(Token), v => Assert.Equal(Samples.Visit(v.NaturalKey).Secrets(), v.Secrets()));
        Assert.Equal(1, (await store.Visits().Query.FirstAsync(Token)).Revision);
        // The old keys are not needed any more.
        foreach (var id in old)
        {
            await store.Services.GetRequiredService<KeyOperations>().DestroyAsync(id, "acme", "tester", cancellationToken: Token);
        }

        Assert.Equal(32, (await store.Visits().Query.ToListAsync(Token)).Count);
    }

    [Theory]
    [EachDatabase]
    public async Task What_is_written_meanwhile_is_neither_lost_nor_left_behind(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:RotationBatchRows", "10"));
        await using var other = await ProtectedStore.OpenAsync(database, sharing: store);
        await new BulkWriter<Visit>(store.Context()).WriteAsync([.. Enumerable.Range(0, 300).Select(i => Samples.Visit($"old{i:000}", 0))], ConflictMode.Reject, null, Token);
        var old = await KeyIdsAsync(store);
        using var stop = new CancellationTokenSource();
        int changes = 0;
        var writing = Task.Run(async () =>
        {
            var counts = new decimal[300];
            var random = new Random(3);
            var visits = other.Visits();
            var ids = (await visits.Query.ToListAsync(Token)).ToDictionary(v => v.NaturalKey, v => v.Id);
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                int k = random.Next(300);
                await visits.UpdateAsync(ids[$"old{k:000}"], null, v => v.Mrp++, Token);
                counts[k]++;
                await visits.CreateAsync(Samples.Visit($"new{i}", 1), Token);
                Interlocked.Increment(ref changes);
            }

            return counts;
        }, Token);
        await Eventually.Async(() => Volatile.Read(ref changes) > 0 || writing.IsCompleted, TimeSpan.FromMinutes(1), "the first change");
        var started = Stopwatch.GetTimestamp();
        KeyRotation done;
        do
        {
            done = await RotateAsync(store, "acme");
        }
        while ((Volatile.Read(ref changes) <= 20 || done.Pass <= 1) && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1));
        await stop.CancelAsync();
        var counts = await writing;
        Assert.Empty((await CarriedAsync(store)).Intersect(old));
        var read = await store.Visits().Query.Where(v => v.NaturalKey.StartsWith("old")).OrderBy(v => v.NaturalKey).ToListAsync(Token);
        Assert.Equal(counts, read.Select(v => v.Mrp));
        Assert.True(counts.Sum() > 20, $"only {counts.Sum()} changes were made meanwhile");
        Assert.True(done.Pass > 1);
    }

    [Theory]
    [EachDatabase]
    public async Task Rows_that_cannot_be_decrypted_are_left_counted_and_named(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var good = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var bad = await store.Visits().CreateAsync(Samples.Visit("b"), Token);
        var token = await store.TokenAsync(bad.Id);
        token[^1] ^= 1;
        await store.SetTokenAsync(bad.Id, token);
        var done = await RotateAsync(store, null);
        Assert.Equal((RotationState.Succeeded, 3L, 1L), (done.State, done.RowsEncrypted, done.RowsUnreadable));
        Assert.Contains(bad.Id.ToString(), done.Problem!, StringComparison.Ordinal);
        Assert.Equal(token, await store.TokenAsync(bad.Id));
        Assert.Equal(good.Secrets(), (await store.Visits().FindAsync(good.Id, Token)).Secrets());
    }

    [Theory]
    [EachDatabase]
    public async Task Values_in_clear_are_encrypted_under_their_persons_key_where_that_is_wanted(Database database)
    {
        await using var clear = await ProtectedStore.OpenAsync(database, environment: "Development", settings: ("Protection:Enabled", "false"));
        var visit = await clear.Visits().CreateAsync(Samples.Visit("a", person: "anna"), Token);
        await using var store = await ProtectedStore.OpenAsync(database, sharing: clear);
        store.Ring.Current("acme");
        var left = await RotateAsync(store, "acme");
        Assert.Equal((0L, 2L), (left.RowsEncrypted, left.RowsInClear));
        var done = await RotateAsync(store, "acme", encryptClear: true);
        Assert.Equal((2L, 0L), (done.RowsEncrypted, done.RowsInClear));
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        Assert.Equal("anna", store.Ring.Find(FieldToken.KeyId(await store.TokenAsync(visit.Id))).Key!.Subject);
    }

    [Fact]
    public async Task A_rotation_that_is_asked_for_again_goes_on_instead_of_making_more_keys()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        store.Ring.Current("acme");
        var operations = store.Services.GetRequiredService<KeyOperations>();
        var first = await operations.RotateAsync("acme", "tester", cancellationToken: Token);
        Assert.Equal(first.Id, (await operations.RotateAsync("acme", "tester", cancellationToken: Token)).Id);
        Assert.Equal(2, (await operations.ListAsync("acme", Token)).Count);
    }

    [Fact]
    public async Task A_transaction_from_before_is_waited_for_however_long_it_takes_and_what_it_writes_is_not_left_behind()
    {
        var time = new ManualTime();
        await using var store = await ProtectedStore.OpenAsync(Database.Postgres, time: time);
        await using var other = await ProtectedStore.OpenAsync(Database.Postgres, sharing: store);
        await store.Visits().CreateAsync(Samples.Visit("before"), Token);
        var old = Assert.Single(await KeyIdsAsync(store));
        var operations = store.Services.GetRequiredService<KeyOperations>();
        var context = other.Context();
        Visit late = Samples.Visit("late", 7m);
        Task<bool> running;
        await using (var transaction = await context.Database.BeginTransactionAsync(Token))
        {
            context.Add(late);
            await context.SaveChangesAsync(Token);
            var rotation = await operations.RotateAsync("acme", "tester", cancellationToken: Token);
            var waits = new System.Collections.Concurrent.ConcurrentQueue<string>();
            running = store.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, new Told(r => { if (r.WaitsFor is { } what) waits.Enqueue(what); }), Token);
            // A minute and more on the rotation's clock: three leases' time.
            await Eventually.Async(() =>
            {
                Tick(time);
                return running.IsCompleted || waits.Count(w => w.Contains("1 transactions", StringComparison.Ordinal)) >= 9;
            }, TimeSpan.FromMinutes(2), "the rotation says what it waits for");
            var now = await operations.FindRotationAsync(rotation.Id, null, Token);
            Assert.Equal((RotationState.Running, 1), (now.State, now.Pass));
            Assert.True(now.LeaseUntil > time.GetUtcNow().UtcDateTime, "the lease ran out");
            await transaction.CommitAsync(Token);
        }

        await Eventually.Async(() =>
        {
            Tick(time);
            return running.IsCompleted;
        }, TimeSpan.FromMinutes(2), "the rotation ends");
        Assert.True(await running);
        Assert.DoesNotContain(old, await CarriedAsync(store));
        await operations.DestroyAsync(old, "acme", "tester", cancellationToken: Token);
        Assert.Equal(late.Secrets(), (await store.Visits().FindAsync(late.Id, Token)).Secrets());
    }

    // While the rotation waits, and not while it works, however long that takes.
    private static void Tick(ManualTime time)
    {
        if (time.PendingTimers > 0)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private sealed class Told(Action<KeyRotation> tell) : IProgress<KeyRotation>
    {
        public void Report(KeyRotation value) => tell(value);
    }

    internal static async Task<KeyRotation> RotateAsync(ProtectedStore store, string? tenant, bool encryptClear = false)
    {
        var rotation = await store.Services.GetRequiredService<KeyOperations>().RotateAsync(tenant, "tester", encryptClear, Token);
        Assert.True(await store.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, null, Token));
        return await store.Services.GetRequiredService<KeyOperations>().FindRotationAsync(rotation.Id, null, Token);
    }

    internal static async Task<List<Guid>> KeyIdsAsync(ProtectedStore store) =>
        [.. (await store.Services.GetRequiredService<KeyOperations>().ListAsync("acme", Token)).Where(k => k.Purpose == KeyPurpose.Fields).Select(k => k.Id)];

    /// <summary>The key ids in all tokens of the table.</summary>
    internal static async Task<List<Guid>> CarriedAsync(ProtectedStore store)
    {
        var context = store.Context();
        context.LeavesSealed = true;
        var rows = await context.Set<Visit>().IgnoreQueryFilters().AsNoTracking().ToListAsync(Token);
        return [.. rows.SelectMany(v => (Guid[])[FieldToken.KeyId(v.Prices), FieldToken.KeyId(v.Visitor)]).Distinct()];
    }
}
