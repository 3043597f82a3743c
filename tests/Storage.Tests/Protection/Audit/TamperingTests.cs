using System.Diagnostics;
using System.Text;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Audit;

/// <summary>Whatever is done to events behind the product's back, by SQL or in the files, is found, and the first event it was done to is named.</summary>
public sealed class TamperingTests
{
    private const int Events = 300;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<Database, string, string> Edits() => new(
        Enum.GetValues<Database>(),
        [
            "actor = 'somebody'", "tenant = 'globex'", "origin = '10.0.0.1'", "origin = NULL", "details = '{\"a\":1}'", "action = 'update'", "items = 3", "record_type = 'analyses'",
            "record_id = NULL", "after = before", "before = after",
        ],
        ["sequence = 57"]);

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task An_edit_by_SQL_is_found_and_the_event_named(Database database, string edit, string where)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(60);
        await store.SqlAsync($"UPDATE audit_events SET {edit} WHERE {where}");
        var first = await FirstAsync(store, 57);
        Assert.Contains("was changed", first.What, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task The_first_of_several_edits_is_the_one_named_first(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(Events);
        await store.SqlAsync("UPDATE audit_events SET actor = 'x' WHERE sequence IN (299, 270, 12, 280)");
        Assert.Equal(4, (await store.VerifyAsync()).Findings.Count);
        await FirstAsync(store, 12);
    }

    [Theory]
    [EachDatabase]
    public async Task A_deletion_by_SQL_is_found_and_the_event_named(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(Events);
        await store.SqlAsync("DELETE FROM audit_events WHERE sequence >= 260");
        Assert.Contains("deleted from the table", (await FirstAsync(store, 260)).What, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task A_row_slipped_in_by_SQL_is_found_wherever_its_number_stands_and_never_gets_into_the_log(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(20);
        await store.SqlAsync("DELETE FROM audit_events WHERE sequence = 20");
        var id = database == Database.Postgres ? "gen_random_uuid()" : "randomblob(16)";
        await store.SqlAsync($"INSERT INTO audit_events (id, tenant, at, actor, action, mac) SELECT {id}, tenant, at, 'somebody', action, mac FROM audit_events WHERE sequence = 5");
        await store.Keeper.RunOnceAsync(Token);
        await store.LogAsync(5, "d");
        Assert.Equal(25, store.Logged().Count);
        var report = await store.VerifyAsync();
        Assert.Equal([20, 21], report.Findings.Select(f => f.Sequence));
        Assert.Contains("slipped into", report.Findings[1].What, StringComparison.Ordinal);
        await store.SqlAsync($"INSERT INTO audit_events (sequence, id, tenant, at, actor, action, mac) SELECT -1, {id}, tenant, at, actor, action, mac FROM audit_events WHERE sequence = 5");
        Assert.Contains("slipped into", (await FirstAsync(store, -1)).What, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task Rows_that_change_places_are_found_and_the_first_named(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(20);
        await store.SqlAsync("UPDATE audit_events SET sequence = -7 WHERE sequence = 7; UPDATE audit_events SET sequence = 7 WHERE sequence = 12; UPDATE audit_events SET sequence = 12 WHERE sequence = -7");
        Assert.Contains("moved to sequence 12", (await FirstAsync(store, 7)).What, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task A_row_changed_before_the_log_had_it_is_left_out_and_named(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.CreateAsync(10);
        await store.SqlAsync("UPDATE audit_events SET actor = 'x' WHERE sequence = 4");
        await store.Keeper.RunOnceAsync(Token);
        await store.Keeper.RunOnceAsync(Token);
        Assert.Equal(9, store.Logged().Count);
        Assert.Contains("changed before the log had it", (await FirstAsync(store, 4)).What, StringComparison.Ordinal);
    }

    public static TheoryData<string, long?> FileEdits() => new()
    {
        { "edit", 7 },
        { "edit-in-full-bundle", 7 },
        { "remove", 7 },
        { "insert", 7 },
        { "swap", 7 },
        { "cut", 299 },
        { "append", null },
        { "level-0", 7 },
        { "level-0-and-entry", 7 },
        { "level-1", null },
        { "checkpoint", null },
        { "checkpoint-of-another-key", null },
        { "bundle-gone", 0 },
        { "tile-gone", null },
    };

    [Theory]
    [MemberData(nameof(FileEdits))]
    public async Task A_change_in_the_files_is_found_and_the_event_named_and_the_Python_script_agrees(string kind, long? index)
    {
        await using var store = await AuditedStore.OpenAsync(Database.Sqlite);
        await store.LogAsync(Events);
        var vkey = store.Verifier.Vkey;
        Assert.Equal((0, $"OK: {Events} events"), await PythonAsync(store.Folder, vkey, 14));
        Tamper(store.Folder, kind);
        var report = await store.VerifyAsync();
        var (exit, said) = await PythonAsync(store.Folder, vkey);
        if (kind == "append")
        {
            // Behind the end that the checkpoint states stands what no checkpoint covers; it is nobody's event.
            Assert.Contains("added to the log's files", Assert.Single(report.Findings).What, StringComparison.Ordinal);
            return;
        }

        Assert.False(report.IsGood);
        Assert.True(exit == 1 && said.StartsWith("WRONG: ", StringComparison.Ordinal), said);
        if (index is { } named)
        {
            Assert.Equal(named, report.Findings[0].Index);
            var tableSays = (await store.EventsAsync())[(int)named].Id;
            Assert.True(kind == "bundle-gone" || report.Findings[0].Id == tableSays, report.Findings[0].ToString());
            Assert.True(kind == "level-0-and-entry" || said.StartsWith($"WRONG: event at index {named}:", StringComparison.Ordinal), said);
        }
    }

    [Fact]
    public async Task A_proof_is_checked_offline_and_a_changed_one_is_refused_by_both_programs()
    {
        await using var store = await AuditedStore.OpenAsync(Database.Sqlite);
        await store.LogAsync(Events);
        var proofs = store.Store.Services.GetRequiredService<AuditProofs>();
        using var folder = new TempFolder();
        var file = folder.File("event.tlog-proof");
        foreach (var e in new[] { 0, 1, 255, 256, 299 }.Select((await store.EventsAsync()).ElementAt))
        {
            var proof = proofs.Prove(e.Id, e.Sequence);
            Assert.True(TlogProof.Parse(proof.ToString()).IsRight(store.Verifier));
            await File.WriteAllTextAsync(file, proof.ToString(), Token);
            var (exit, said) = await ProofAsync(file, store.Verifier.Vkey);
            Assert.True(exit == 0 && said.Contains(e.Id.ToString(), StringComparison.Ordinal), said);
        }

        var first = (await store.EventsAsync())[100];
        var good = proofs.Prove(first.Id, first.Sequence);
        var forged = AuditEntry.Write(new AuditEvent { Id = first.Id, Tenant = first.Tenant, At = first.At, Actor = "somebody", Action = first.Action, Sequence = first.Sequence });
        foreach (var bad in new[] { good with { Entry = forged }, good with { Index = 101 }, good with { Path = [.. good.Path.Skip(1)] }, good with { Note = good.Note.Replace("\n300\n", "\n301\n", StringComparison.Ordinal) } })
        {
            Assert.False(TlogProof.Parse(bad.ToString()).IsRight(store.Verifier));
            await File.WriteAllTextAsync(file, bad.ToString(), Token);
            Assert.Equal(1, (await ProofAsync(file, store.Verifier.Vkey)).Exit);
        }
    }

    [Theory]
    [EachDatabase]
    public async Task Old_events_leave_table_and_log_and_everything_still_verifies_and_can_be_proven(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(600);
        var events = await store.EventsAsync();
        Assert.Equal(0, await store.ArchiveAsync(events[255].At));
        Assert.Equal(512, await store.ArchiveAsync(events[^1].At.AddSeconds(1)));
        await store.LogAsync(5, "d");
        Assert.Equal(600 - 512 + 1 + 5, (await store.EventsAsync()).Count);
        Assert.False(File.Exists(store.Folder.PathOf(TilePath.Entries(0))));
        var report = await store.VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal((606, 512, 0), (report.Size, report.Archived, report.HashesOnly));
        Assert.Equal(0, (await PythonAsync(store.Folder, store.Verifier.Vkey)).Exit);
        var proofs = store.Store.Services.GetRequiredService<AuditProofs>();
        var old = proofs.FindArchived(events[300].Id)!;
        Assert.True(proofs.Prove(old.Id, old.Sequence).IsRight(store.Verifier));

        // The archive is taken elsewhere: the hashes stand for it.
        Directory.Move(store.Folder.PathOf("archive"), store.Folder.PathOf("../elsewhere"));
        report = await store.VerifyAsync();
        Assert.Empty(report.Findings);
        Assert.Equal(512, report.HashesOnly);
        Assert.Equal(0, (await PythonAsync(store.Folder, store.Verifier.Vkey)).Exit);

        // What was not archived is missed as before.
        await store.SqlAsync("DELETE FROM audit_events WHERE sequence = 513");
        await FirstAsync(store, 513);
    }

    [Theory]
    [EachDatabase]
    public async Task Of_archived_events_none_is_kept_in_memory_and_where_the_row_that_tells_of_them_is_gone_the_log_tells(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(520);
        Assert.Equal(512, await store.ArchiveAsync(DateTime.MaxValue));
        await store.LogAsync(1, "d");
        var (report, kept) = await KeptAsync(store);
        Assert.Equal((true, 512L, 0), (report.IsGood, report.Archived, kept));
        var events = await store.EventsAsync();
        // One that claims more, and that the product has not written, is not believed.
        var id = database == Database.Postgres ? "gen_random_uuid()" : "randomblob(16)";
        await store.SqlAsync($"INSERT INTO audit_events (id, tenant, at, actor, action, items, mac) SELECT {id}, tenant, at, actor, action, 521, mac FROM audit_events WHERE action = 'archive'");
        Assert.Contains("slipped into", Assert.Single((await KeptAsync(store)).Report.Findings).What, StringComparison.Ordinal);
        await store.SqlAsync($"DELETE FROM audit_events WHERE items = 521 OR sequence = {events[0].Sequence}");
        Assert.Equal([events[0].Sequence], (await KeptAsync(store)).Report.Findings.Select(f => f.Sequence));
        // Without its row, what the log's entry says counts.
        await store.SqlAsync("DELETE FROM audit_events WHERE action = 'archive'");
        (report, _) = await KeptAsync(store);
        Assert.Equal(512, report.Archived);
        Assert.Equal([events[0].Sequence, events.Single(e => e.Action == AuditAction.Archive).Sequence], report.Findings.Select(f => f.Sequence));
    }

    private static async Task<(AuditReport Report, int Kept)> KeptAsync(AuditedStore store)
    {
        await using var scope = store.Store.Services.CreateAsyncScope();
        var verifier = scope.ServiceProvider.GetRequiredService<AuditVerifier>();
        return (await verifier.VerifyAsync(Token), verifier.Kept);
    }

    [Theory]
    [EachDatabase]
    public async Task What_was_tampered_with_is_not_archived(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        await store.LogAsync(520);
        await store.SqlAsync("UPDATE audit_events SET actor = 'x' WHERE sequence = 300");
        await Assert.ThrowsAsync<LogDamagedException>(() => store.ArchiveAsync(DateTime.MaxValue));
        await FirstAsync(store, 300);
    }

    private static async Task<AuditFinding> FirstAsync(AuditedStore store, long sequence)
    {
        var report = await store.VerifyAsync();
        Assert.NotEmpty(report.Findings);
        Assert.Equal(sequence, report.Findings[0].Sequence);
        return report.Findings[0];
    }

    private static void Tamper(LogFolder folder, string kind)
    {
        var (bundle, tile, top) = (folder.PathOf(TilePath.Entries(0)), folder.PathOf(TilePath.Tile(0, 0)), folder.PathOf(TilePath.Tile(1, 0, 1)));
        var last = folder.PathOf(TilePath.Entries(1, Events - 256));
        switch (kind)
        {
            case "edit" or "edit-in-full-bundle":
                Change(bundle, e => e[7] = Forge(e[7]));
                break;
            case "remove":
                Change(bundle, e => e.RemoveAt(7));
                break;
            case "insert":
                Change(bundle, e => e.Insert(7, Forge(e[7])));
                break;
            case "swap":
                Change(bundle, e => (e[7], e[12]) = (e[12], e[7]));
                break;
            case "cut":
                Change(last, e => e.RemoveAt(e.Count - 1));
                break;
            case "append":
                Change(last, e => e.Add(Forge(e[^1])));
                break;
            case "level-0":
                Flip(tile, 7 * MerkleHash.Size);
                break;
            case "level-0-and-entry":
                Change(bundle, e => e[7] = Forge(e[7]));
                var hashes = File.ReadAllBytes(tile);
                MerkleHash.Leaf(folder.ReadEntries(0, Events)![7]).CopyTo(hashes, 7 * MerkleHash.Size);
                File.WriteAllBytes(tile, hashes);
                break;
            case "level-1":
                Flip(top, 3);
                break;
            case "checkpoint":
                var note = File.ReadAllText(folder.PathOf(TilePath.Checkpoint));
                File.WriteAllText(folder.PathOf(TilePath.Checkpoint), note.Replace("\n300\n", "\n256\n", StringComparison.Ordinal));
                break;
            case "checkpoint-of-another-key":
                using (var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256))
                using (var signer = new NoteSigner(folder.ReadCheckpoint()!.Split('\n')[0], key.ExportPkcs8PrivateKey()))
                {
                    var text = folder.ReadCheckpoint()!;
                    File.WriteAllText(folder.PathOf(TilePath.Checkpoint), signer.Sign(text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 1)]));
                    File.WriteAllText(folder.PathOf(LogFolder.VkeyFile), signer.Verifier.Vkey);
                }

                break;
            case "bundle-gone":
                File.Delete(bundle);
                break;
            case "tile-gone":
                File.Delete(tile);
                break;
        }
    }

    private static byte[] Forge(byte[] entry) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(entry).Replace("tester", "nobody", StringComparison.Ordinal));

    private static void Change(string file, Action<List<byte[]>> change)
    {
        var entries = EntryBundle.Read(File.ReadAllBytes(file));
        change(entries);
        var bytes = new List<byte>();
        entries.ForEach(e => EntryBundle.Add(bytes, e));
        File.WriteAllBytes(file, [.. bytes]);
    }

    private static void Flip(string file, int at)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private static Task<(int Exit, string Said)> ProofAsync(string file, string vkey) => RunAsync(["--proof", file, "--vkey", vkey]);

    private static async Task<(int Exit, string Said)> PythonAsync(LogFolder folder, string vkey, int most = int.MaxValue)
    {
        var (exit, said) = await RunAsync([folder.FullPath, "--vkey", vkey]);
        return (exit, said[..Math.Min(said.Length, most)]);
    }

    private static async Task<(int Exit, string Said)> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(RepositoryRoot.Find()!.FullName, "docs", "audit_verify.py"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs python3");
            throw;
        }

        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync(Token);
            var said = await process.StandardOutput.ReadToEndAsync(Token) + await errors;
            await process.WaitForExitAsync(Token);
            return (process.ExitCode, said);
        }
    }
}
