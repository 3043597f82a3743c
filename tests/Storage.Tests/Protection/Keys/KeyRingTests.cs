using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Keys;

public sealed class KeyRingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Of_processes_that_need_a_first_key_at_once_one_makes_it(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await using var second = await ProtectedStore.OpenAsync(database, sharing: store);
        await using var third = await ProtectedStore.OpenAsync(database, sharing: store);
        KeyRing[] rings = [store.Ring, second.Ring, third.Ring];
        for (int round = 0; round < 5; round++)
        {
            var ids = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => rings[i % 3].Current($"tenant{round}", "someone").Id)));
            Assert.Single(ids.Distinct());
        }
    }

    [Theory]
    [EachDatabase]
    public async Task A_rotated_and_a_destroyed_key_are_noticed_by_other_processes_when_their_cache_is_out_of_date(Database database)
    {
        var time = new ManualTime();
        await using var store = await ProtectedStore.OpenAsync(database);
        await using var other = await ProtectedStore.OpenAsync(database, sharing: store, time: time);
        var key = other.Ring.Current("acme").Id;
        Assert.Equal(key, store.Ring.Current("acme").Id);
        var operations = store.Services.GetRequiredService<KeyOperations>();
        await operations.RotateAsync("acme", "tester", cancellationToken: Token);
        Assert.Equal(key, other.Ring.Current("acme").Id);
        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.NotEqual(key, other.Ring.Current("acme").Id);
        Assert.Equal(KeyState.DecryptOnly, other.Ring.Find(key).Key!.State);
        await operations.DestroyAsync(key, "acme", "tester", withData: true, Token);
        Assert.Equal(KeyAbsence.Destroyed, store.Ring.Find(key).Absence);
        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(KeyAbsence.Destroyed, other.Ring.Find(key).Absence);
        Assert.Equal(KeyAbsence.Unknown, other.Ring.Find(Guid.CreateVersion7()).Absence);
    }

    [Theory]
    [EachDatabase]
    public async Task Keys_that_are_dropped_while_they_are_in_use_spoil_nothing(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        using var stop = new CancellationTokenSource();
        var forgetting = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                store.Ring.Forget();
            }
        }, Token);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        }

        await stop.CancelAsync();
        await forgetting;
    }

    [Fact]
    public async Task The_keys_in_memory_go_on_being_used_while_the_database_is_away()
    {
        var time = new ManualTime();
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite, time: time);
        var key = store.Ring.Current("acme");
        var file = Path.Combine(store.Folder, "records.db");
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(key, store.Ring.Current("acme"));
        Directory.Delete(file);
        File.Move(file + ".away", file);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(key, store.Ring.Current("acme"));
    }

    [Fact]
    public async Task A_key_of_another_tenant_cannot_be_destroyed_by_its_id()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        var key = store.Ring.Current("acme").Id;
        var operations = store.Services.GetRequiredService<KeyOperations>();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => operations.DestroyAsync(key, "globex", "tester", cancellationToken: Token));
        Assert.Equal(ProblemKind.NotFound, problem.Kind);
        Assert.NotNull(store.Ring.Find(key).Key);
    }

    [Fact]
    public void Nonces_of_a_sequence_never_repeat_and_each_random_part_is_reported()
    {
        int drawn = 0;
        var sequence = new NonceSequence(() => drawn++);
        var seen = new HashSet<(ulong, uint)>();
        Span<byte> nonce = stackalloc byte[NonceSequence.NonceBytes];
        for (int i = 0; i < 200_000; i++)
        {
            sequence.Next(nonce);
            Assert.True(seen.Add((BitConverter.ToUInt64(nonce), BitConverter.ToUInt32(nonce[8..]))));
        }

        Assert.Equal(1, drawn);
        for (int i = 200_000; i <= 1 << 24; i++)
        {
            sequence.Next(nonce);
        }

        Assert.Equal(2, drawn);
    }

    [Theory]
    [EachDatabase]
    public async Task A_key_whose_nonces_are_used_up_is_retired(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var before = store.Ring.Current("acme").Id;
        await new NonceLedger(store.Services, store.Ring, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<NonceLedger>.Instance).RecordAsync(Token);
        Assert.Equal(1L, Convert.ToInt64(await store.SqlAsync("SELECT nonce_prefixes FROM data_keys WHERE purpose = 'Fields'"), null));
        var worker = ActivatorUtilities.CreateInstance<RotationWorker>(store.Services);
        await worker.RetireAsync(Token);
        Assert.Equal(before, store.Ring.Current("acme").Id);
        await store.SqlAsync($"UPDATE data_keys SET nonce_prefixes = {NonceSequence.MostPrefixes}");
        await worker.RetireAsync(Token);
        Assert.NotEqual(before, store.Ring.Current("acme").Id);
    }
}
