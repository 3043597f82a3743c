using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Protection.Keys;

/// <summary>Where the master key comes from, and what stops a start.</summary>
public sealed class MasterKeyTests
{
    private static readonly string One = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly string Two = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task The_first_start_makes_a_file_that_its_owner_alone_reads_and_the_next_uses_it(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var file = new FileInfo(Path.Combine(store.Folder, "master-key"));
        Assert.True(file.Exists);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
        }

        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        await using var second = await ProtectedStore.OpenAsync(database, sharing: store);
        Assert.Equal(visit.Mrp, (await second.Visits().FindAsync(visit.Id, Token)).Mrp);
        Assert.Equal(["master-key"], Directory.GetFiles(store.Folder, "master-key*").Select(Path.GetFileName));
    }

    [Theory]
    [EachDatabase]
    public async Task A_lost_file_stops_the_start_and_no_new_key_is_made(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        File.Delete(Path.Combine(store.Folder, "master-key"));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(database, sharing: store));
        Assert.Contains("Protection:MasterKey", failure.Message, StringComparison.Ordinal);
        Assert.Contains("master-key", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(store.Folder, "master-key")));
    }

    [Theory]
    [EachDatabase]
    public async Task Another_master_key_than_the_databases_stops_the_start(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:MasterKey", One));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", Two)));
        Assert.Contains("Protection:MasterKey is", failure.Message, StringComparison.Ordinal);
        Assert.Contains(LocalMasterKey.Parse(One)!.Id, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Two, failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(store.Folder, "master-key")));
    }

    [Fact]
    public async Task A_machine_elsewhere_that_shares_the_database_does_not_invent_a_key_of_its_own()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Postgres);
        using var elsewhere = new TempFolder();
        await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(Database.Postgres, sharing: store, ownFolder: elsewhere));
        Assert.Empty(Directory.GetFiles(elsewhere.FullPath, "master-key*"));
    }

    [Theory]
    [InlineData("Protection:MasterKey", "too-short")]
    [InlineData("Protection:MasterKey", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g")]
    [InlineData("Protection:PreviousMasterKey", "?")]
    [InlineData("Protection:MasterKeyFile", "no/such/file")]
    [InlineData("Protection:KeyCacheSeconds", "0")]
    public async Task A_wrong_setting_is_named_and_its_value_is_not_shown(string name, string value)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(Database.Sqlite, settings: (name, value)));
        Assert.Contains(name.Split(':')[1], failure.Message, StringComparison.Ordinal);
        Assert.True(name == "Protection:MasterKeyFile" || !failure.Message.Contains($"'{value}'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData(" AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")]
    [InlineData("X9k2LmQ7RtB4VwZ1NcHy8JdFgSa3PeKoUiTx5MhGvYr")]
    public void A_key_is_32_bytes_in_base64_with_or_without_padding(string text) => Assert.NotNull(LocalMasterKey.Parse(text));

    [Fact]
    public void Processes_that_start_together_make_one_file()
    {
        using var folder = new TempFolder();
        // A race that one start in a hundred loses is lost here.
        for (int round = 0; round < 300; round++)
        {
            StartTogether(folder.File($"{round}/master-key"));
        }
    }

    private static void StartTogether(string path)
    {
        int made = 0;
        var read = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 16, _ =>
        {
            if (MasterKeyFile.Create(path))
            {
                Interlocked.Increment(ref made);
            }

            read.Add(File.ReadAllText(path));
        });
        Assert.Equal(1, made);
        Assert.Single(read.Distinct());
        Assert.NotNull(LocalMasterKey.Parse(read.First()));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Theory]
    [EachDatabase]
    public async Task After_rewrapping_no_process_makes_a_key_under_the_old_master_key_although_it_has_not_looked_since(Database database)
    {
        var still = new ManualTime();
        (string, string?)[] swapped = [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)];
        await using var old = await ProtectedStore.OpenAsync(database, time: still, settings: ("Protection:MasterKey", One));
        await using var stale = await ProtectedStore.OpenAsync(database, sharing: old, time: still, settings: swapped);
        await using var rotating = await ProtectedStore.OpenAsync(database, sharing: old, time: still, settings: swapped);
        Assert.All([old, stale, rotating], s => s.Ring.Current("acme"));
        await using var both = await ProtectedStore.OpenAsync(database, sharing: old, settings: swapped);
        await both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token);
        stale.Ring.Current("fresh");
        await stale.Visits("written").CreateAsync(Samples.Visit("a"), Token);
        await rotating.Services.GetRequiredService<KeyOperations>().RotateAsync("acme", "tester", cancellationToken: Token);
        Assert.Equal(ProblemKind.Unreadable, Assert.Throws<ProblemException>(() => old.Ring.Current("refused")).Kind);
        Assert.Equal(0L, Convert.ToInt64(await both.SqlAsync("SELECT count(*) FROM data_keys WHERE master_key_id = @old", ("@old", LocalMasterKey.Parse(One)!.Id)), null));
        await using var alone = await ProtectedStore.OpenAsync(database, sharing: old, settings: ("Protection:MasterKey", Two));
        Assert.NotNull(alone.Ring.Current("fresh"));
        Assert.Equal("a", (await alone.Visits("written").Query.SingleAsync(Token)).NaturalKey);
    }

    [Fact]
    public async Task Rewrapping_waits_for_a_key_that_is_being_stored_and_takes_it_with_it()
    {
        (string, string?)[] swapped = [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)];
        await using var store = await ProtectedStore.OpenAsync(Database.Postgres, settings: ("Protection:MasterKey", One));
        await using var both = await ProtectedStore.OpenAsync(Database.Postgres, sharing: store, settings: swapped);
        await using var connection = new Npgsql.NpgsqlConnection(store.ConnectionString);
        await connection.OpenAsync(Token);
        Task<int> rewrapping;
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            Assert.True(new KeyTable(StoreDialect.Postgres, connection, transaction).Insert(store.Ring.Make("late", "", KeyPurpose.Fields, 1)));
            rewrapping = both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token);
            await Eventually.Async(
                async () => (long)(await store.SqlAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))! == 1, TimeSpan.FromMinutes(1), "the rewrapping waits");
            await transaction.CommitAsync(Token);
        }

        await rewrapping;
        Assert.Equal(0L, await store.SqlAsync("SELECT count(*) FROM data_keys WHERE master_key_id = @old", ("@old", LocalMasterKey.Parse(One)!.Id)));
        await using var alone = await ProtectedStore.OpenAsync(Database.Postgres, sharing: store, settings: ("Protection:MasterKey", Two));
        Assert.NotNull(alone.Ring.Current("late"));
    }

    [Theory]
    [EachDatabase]
    public async Task Rewrapping_leaves_rows_readable_with_the_new_master_key_alone(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:MasterKey", One));
        var visit = await store.Visits().CreateAsync(Samples.Visit("a", person: "anna"), Token);
        var token = await store.TokenAsync(visit.Id);
        await using var both = await ProtectedStore.OpenAsync(database, sharing: store, settings: [("Protection:MasterKey", Two), ("Protection:PreviousMasterKey", One)]);
        Assert.Equal(visit.Mrp, (await both.Visits().FindAsync(visit.Id, Token)).Mrp);
        // Until it is rewrapped, new keys are wrapped so that processes with the old master key alone can read them.
        var early = await both.Visits("early").CreateAsync(Samples.Visit("b"), Token);
        Assert.Equal(early.Mrp, (await store.Visits("early").FindAsync(early.Id, Token)).Mrp);
        Assert.True(await both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token) >= 3);
        Assert.Equal(0, await both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token));
        await using var alone = await ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", Two));
        Assert.Equal(visit.Mrp, (await alone.Visits().FindAsync(visit.Id, Token)).Mrp);
        Assert.Equal(token, await store.TokenAsync(visit.Id));
        await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(database, sharing: store, settings: ("Protection:MasterKey", One)));
    }
}
