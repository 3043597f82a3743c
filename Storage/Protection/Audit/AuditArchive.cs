using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Keeps the audit from growing without end: full bundles of old events move to the folder <c>archive</c> of the log, compressed, with their rows, and leave the table.
/// The hashes and the root stay, so that everything can still be verified, and proven from the archive, wherever that is taken to. That it happened is an event of its own.
/// </summary>
/// <param name="context">One without a tenant.</param>
public sealed class AuditArchive(StoreContext context, AuditLogs logs, AuditKeyring keys, AuditTrail trail)
{
    private const int MostBundles = 64;

    /// <summary>Archives the events before an instant, in bundles of 256; what is of a bundle that holds a younger event stays.</summary>
    /// <param name="before">UTC.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="cancellationToken">Cancels; what was moved until then is moved.</param>
    /// <returns>How many events were moved.</returns>
    /// <exception cref="LogDamagedException">An event is not as it was logged. It is left where it is, and so are those behind it.</exception>
    public async Task<long> MoveAsync(DateTime before, string actor, CancellationToken cancellationToken = default)
    {
        var folder = logs.Folder;
        if (folder.ReadCheckpoint() is not { } note)
        {
            return 0;
        }

        var checkpoint = Checkpoint.Open(note, logs.Verifier) ?? throw new LogDamagedException("The log's checkpoint was not signed with this installation's key. Run 'audit verify'.");
        long full = checkpoint.Size / TilePath.Width;
        long bundle = 0;
        while (bundle < full && !File.Exists(folder.PathOf(TilePath.Entries(bundle))))
        {
            bundle++;
        }

        long moved = 0;
        while (bundle < full)
        {
            long first = bundle;
            var ids = new List<Guid>();
            while (bundle < full && bundle - first < MostBundles && await CopyAsync(folder, bundle, checkpoint.Size, before, ids, cancellationToken))
            {
                bundle++;
            }

            if (bundle == first)
            {
                break;
            }

            await RemoveAsync(ids, Enumerable.Range(0, (int)(bundle - first)).Select(i => (first + i, folder.ReadTile(0, first + i, checkpoint.Size))).ToList(), actor, cancellationToken);
            for (long done = first; done < bundle; done++)
            {
                File.Delete(folder.PathOf(TilePath.Entries(done)));
            }

            moved += ids.Count;
        }

        return moved;
    }

    // Written before anything is removed: a kill in between leaves both.
    private async Task<bool> CopyAsync(LogFolder folder, long bundle, long size, DateTime before, List<Guid> ids, CancellationToken cancellationToken)
    {
        var bytes = folder.Read(TilePath.Entries(bundle)) ?? throw new LogDamagedException($"The file {TilePath.Entries(bundle)} is missing. Run 'audit verify'.");
        var entries = EntryBundle.Read(bytes);
        var events = entries.Select(AuditEntry.Read).ToList();
        if (events.Exists(e => e is not null && e.At >= before))
        {
            return false;
        }

        var wanted = events.Where(e => e is not null).Select(e => e!.Id).ToArray();
        var rows = (await context.Set<AuditEvent>().AsNoTracking().Where(e => wanted.Contains(e.Id)).ToListAsync(cancellationToken)).ToDictionary(e => e.Id);
        // A kill after the rows were removed: the files are all that is left to do.
        bool removed = rows.Count == 0 && folder.ReadArchived(bundle) is { } archived && archived.AsSpan().SequenceEqual(bytes);
        Check(bundle, entries, folder.ReadTile(0, bundle, size), removed ? null : rows);
        if (!removed)
        {
            DurableFile.Write(folder.PathOf(LogFolder.ArchivedName(bundle)), Pack(bytes));
            DurableFile.Write(folder.PathOf($"{LogFolder.Archive}/rows/{TilePath.Entries(bundle)["tile/entries/".Length..]}.jsonl.gz"), Pack(Rows(events.Select(e => rows[e!.Id]))));
        }

        ids.AddRange(wanted);
        return true;
    }

    // What was tampered with must not vanish into the archive.
    private void Check(long bundle, List<byte[]> entries, byte[] tile, Dictionary<Guid, AuditEvent>? rows)
    {
        for (int i = 0; i < TilePath.Width; i++)
        {
            bool good = i < entries.Count && MerkleHash.Leaf(entries[i]).AsSpan().SequenceEqual(tile.AsSpan(i * MerkleHash.Size, MerkleHash.Size)) && AuditEntry.Read(entries[i]) is { } e
                && (rows is null || (rows.TryGetValue(e.Id, out var row) && AuditMac.IsRight(row, keys.EventKey) && AuditEntry.Write(row).AsSpan().SequenceEqual(entries[i])));
            if (!good)
            {
                throw new LogDamagedException($"The event at log index {bundle * TilePath.Width + i} is not as it was logged, so that nothing from there on is archived. Run 'audit verify'.");
            }
        }
    }

    // The hashes stay in the database too: should the folder be lost, the log can be written anew from them and the rows that are left.
    private Task RemoveAsync(List<Guid> ids, List<(long Bundle, byte[] Hashes)> tiles, string actor, CancellationToken cancellationToken) => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
    {
        await using var transaction = await context.Database.BeginTransactionAsync(ct);
        foreach (var part in ids.Chunk(TilePath.Width))
        {
            await context.Set<AuditEvent>().Where(e => part.Contains(e.Id)).ExecuteDeleteAsync(ct);
        }

        foreach (var (bundle, hashes) in tiles)
        {
            await AuditOrder.KeepAsync(context, bundle, hashes, ct);
        }

        long upTo = (tiles[^1].Bundle + 1) * TilePath.Width;
        await context.Set<AuditLateEvent>().Where(l => l.LogIndex < upTo).ExecuteDeleteAsync(ct);
        await trail.NoteAsync(new AuditNote(AuditAction.Archive, AuditEvent.Table, Items: upTo, Details: new JsonObject { ["moved"] = ids.Count }) { Actor = actor, Origin = actor }, ct);
        await transaction.CommitAsync(ct);
    }, cancellationToken);

    private static byte[] Rows(IEnumerable<AuditEvent> events)
    {
        var text = new StringBuilder();
        foreach (var e in events)
        {
            var row = JsonNode.Parse(AuditEntry.Write(e))!.AsObject();
            (row["origin"], row["details"]) = (e.Origin, e.Details is null ? null : JsonNode.Parse(e.Details));
            text.Append(row.ToJsonString()).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
