using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Holds the table, the log's files and the signed checkpoint against each other, from the first event to the last: each entry's hash against the tiles and the tree's
/// root, each row against its entry and its code, and rows that no entry tells of. It reads only, and may run beside the keeper.
/// </summary>
/// <param name="context">One without a tenant.</param>
public sealed class AuditVerifier(StoreContext context, AuditLogs logs, AuditKeyring keys)
{
    private readonly List<AuditFinding> _findings = [];
    private readonly SequenceSet _matched = new();
    private readonly List<(long Index, AuditEvent Event)> _missing = [];

    // Entries before this index are taken to be archived, and need no row.
    private long _from;
    private long _rows;
    private long _archived;
    private long _hashesOnly;
    private long _sequence;

    /// <summary>How many entries without a row were kept until it was known what is archived; for tests.</summary>
    internal int Kept { get; private set; }

    public async Task<AuditReport> VerifyAsync(CancellationToken cancellationToken = default)
    {
        // Of an archive of millions of events nothing is kept in memory: where it ends is read first. That the log, or a genuine row that it has yet to take, says the same turns out at the end;
        // where it does not, somebody has removed that row or changed the log, and another pass goes by what these say.
        long from = await ArchivedAsync(cancellationToken);
        while (true)
        {
            var pass = new AuditVerifier(context, logs, keys) { _from = from };
            var report = await pass.PassAsync(cancellationToken);
            Kept = Math.Max(Kept, pass._missing.Count);
            if (pass._archived == from)
            {
                return report;
            }

            from = pass._archived;
        }
    }

    // By the newest row of the table that says so and that the product has written.
    private async Task<long> ArchivedAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in context.Set<AuditEvent>().AsNoTracking().Where(e => e.Action == AuditAction.Archive).OrderByDescending(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (AuditMac.IsRight(row, keys.EventKey))
            {
                return row.Items ?? 0;
            }
        }

        return 0;
    }

    private async Task<AuditReport> PassAsync(CancellationToken cancellationToken)
    {
        var state = await context.Set<AuditLogState>().AsNoTracking().SingleOrDefaultAsync(s => s.Name == AuditLogState.Log, cancellationToken);
        var checkpoint = Trusted(state);
        long size = checkpoint?.Size ?? 0;
        var tree = new TreeCheck(logs.Folder, size);
        for (long bundle = 0; bundle * TilePath.Width < size; bundle++)
        {
            await BundleAsync(tree, bundle, cancellationToken);
        }

        foreach (var (index, what) in tree.Finish())
        {
            Found(new AuditFinding(_sequence, index, null, what));
        }

        if (checkpoint is not null && !tree.Root().AsSpan().SequenceEqual(checkpoint.Root))
        {
            Found(new AuditFinding(long.MaxValue, null, null, $"The log's {size} entries do not lead to the root that was signed."));
        }

        long pending = await RowsAsync(cancellationToken);
        foreach (var (index, e) in _missing)
        {
            Found(e.Id == Guid.Empty
                ? new AuditFinding(e.Sequence, index, null, "its entry is gone from the log's files, and no event tells of its move to an archive.")
                : new AuditFinding(e.Sequence, index, e.Id, "it was deleted from the table audit_events."));
        }

        return new AuditReport(size, Math.Min(_archived, size), _hashesOnly, pending, [.. _findings.OrderBy(f => f.Sequence).ThenBy(f => f.Index ?? long.MaxValue)]);
    }

    // The checkpoint to hold the log against: the file's, where it is signed and not older than the one that the database knows.
    private Checkpoint? Trusted(AuditLogState? state)
    {
        var verifier = logs.Verifier;
        var note = logs.Folder.ReadCheckpoint();
        var filed = note is null ? null : Checkpoint.Open(note, verifier);
        var known = state?.Checkpoint is { } text ? Checkpoint.Open(text, verifier) : null;
        if (note is null && state is null or { Size: 0 })
        {
            return null;
        }

        if (filed is null)
        {
            Found(new AuditFinding(0, null, null, note is null
                ? $"The checkpoint in {logs.Folder.FullPath} is missing."
                : $"The checkpoint in {logs.Folder.FullPath} was not signed with this installation's key for the log '{verifier.Name}': it was changed."));
        }
        else if (state is { } s && filed.Size < s.Size)
        {
            Found(new AuditFinding(0, null, null, $"The log ends at {filed.Size} events where {s.Size} were signed before: its end was cut off, or an older copy put in its place."));
        }

        if (state is { Checkpoint: not null } && known is null && filed is not null)
        {
            Found(new AuditFinding(0, null, null, "The checkpoint in the table audit_log was not signed with this installation's key: it was changed."));
        }

        return filed is null || known?.Size > filed.Size ? known : filed;
    }

    private async Task BundleAsync(TreeCheck tree, long bundle, CancellationToken cancellationToken)
    {
        int width = LogFolder.WidthOf(0, bundle, tree.Size);
        var entries = logs.Folder.ReadEntries(bundle, tree.Size);
        var tile = tree.ReadTile(bundle);
        var parsed = (entries ?? []).Take(width).Select(AuditEntry.Read).ToArray();
        var ids = parsed.Where(e => e is not null).Select(e => e!.Id).ToArray();
        var rows = (await context.Set<AuditEvent>().AsNoTracking().Where(e => ids.Contains(e.Id)).ToListAsync(cancellationToken)).ToDictionary(e => e.Id);
        var stored = await StoredAsync(entries, tile, cancellationToken);
        for (int i = 0; i < width; i++)
        {
            long index = bundle * TilePath.Width + i;
            if (entries is null)
            {
                // Archived elsewhere, if the archive's event says so; the tile's hash stands for it.
                _hashesOnly++;
                tree.Add(tile is null ? new byte[MerkleHash.Size] : tile.AsSpan(i * MerkleHash.Size, MerkleHash.Size).ToArray());
                Miss(index, new AuditEvent { Id = Guid.Empty, Tenant = "", At = default, Actor = "", Action = default, Sequence = _sequence });
                continue;
            }

            if (i >= entries.Count)
            {
                var cut = tile is null ? null : stored.GetValueOrDefault(Leaf(tile, i));
                Found(new AuditFinding(cut?.Sequence ?? _sequence, index, cut?.Id, "its entry was cut out of the log's files."));
                tree.Add(new byte[MerkleHash.Size]);
                continue;
            }

            var leaf = MerkleHash.Leaf(entries[i]);
            tree.Add(leaf);
            bool fits = tile is null || leaf.AsSpan().SequenceEqual(tile.AsSpan(i * MerkleHash.Size, MerkleHash.Size));
            Entry(index, parsed[i], parsed[i] is { } e ? rows.GetValueOrDefault(e.Id) : null, fits, fits ? null : stored.GetValueOrDefault(Leaf(tile!, i)));
        }

        if (entries?.Count > width)
        {
            Found(new AuditFinding(_sequence, bundle * TilePath.Width + width, AuditEntry.Read(entries[width])?.Id, "its entry was added to the log's files."));
        }
    }

    // Of a bundle that does not fit its tile: the events that the table has, by the hash that their entries had. They tell which event stood where.
    private async Task<Dictionary<string, AuditEvent>> StoredAsync(List<byte[]>? entries, byte[]? tile, CancellationToken cancellationToken)
    {
        if (entries is null || tile is null || entries.SelectMany(e => MerkleHash.Leaf(e)).Take(tile.Length).SequenceEqual(tile))
        {
            return [];
        }

        long from = _sequence - TilePath.Width;
        var rows = await context.Set<AuditEvent>().AsNoTracking().Where(e => e.Sequence > from).OrderBy(e => e.Sequence).Take(4 * TilePath.Width).ToListAsync(cancellationToken);
        return rows.ToDictionary(r => Convert.ToHexString(MerkleHash.Leaf(AuditEntry.Write(r))));
    }

    private static string Leaf(byte[] tile, int i) => Convert.ToHexString(tile.AsSpan(i * MerkleHash.Size, MerkleHash.Size));

    private void Entry(long index, AuditEvent? entry, AuditEvent? row, bool fitsTile, AuditEvent? stored)
    {
        if (entry is null)
        {
            Found(new AuditFinding(stored?.Sequence ?? _sequence, index, stored?.Id, "its entry in the log's files was changed: it is no event any more."));
            return;
        }

        _sequence = entry.Sequence;
        if (entry.Action == AuditAction.Archive)
        {
            _archived = Math.Max(_archived, entry.Items ?? 0);
        }

        if (row is not null)
        {
            _rows++;
            _matched.Add(row.Sequence);
        }

        if (!fitsTile)
        {
            Found(stored is null
                ? new AuditFinding(entry.Sequence, index, entry.Id, "its entry in the log's files was changed: it has not the hash that the tiles have.")
                : new AuditFinding(stored.Sequence, index, stored.Id, stored.Id == entry.Id
                    ? "its entry in the log's files was changed; the row in the table is as it was."
                    : $"it stood here in the log's files; now the entry of event {entry.Id} does."));
        }
        else if (row is null)
        {
            Miss(index, entry);
        }
        else if (Difference(entry, row) is { } difference)
        {
            Found(new AuditFinding(entry.Sequence, index, entry.Id, difference));
        }
    }

    private string? Difference(AuditEvent entry, AuditEvent row)
    {
        bool own = AuditMac.IsRight(row, keys.EventKey);
        var fields = Fields(entry).Zip(Fields(row)).Where(p => p.First.Value != p.Second.Value).Select(p => p.First.Name).ToList();
        return (own, fields.Count) switch
        {
            (true, 0) => null,
            (true, 1) when fields[0] == "sequence" => $"its row in the table audit_events was moved to sequence {row.Sequence}.",
            (true, _) => $"its entry in the log's files was changed ({string.Join(", ", fields)}); the row in the table is the product's.",
            (false, 0) => "its row in the table audit_events was changed (origin or details).",
            (false, _) => $"its row in the table audit_events was changed ({string.Join(", ", fields)}).",
        };
    }

    private static IEnumerable<(string Name, string? Value)> Fields(AuditEvent e) =>
    [
        ("sequence", $"{e.Sequence}"), ("tenant", e.Tenant), ("at", $"{e.At:O}"), ("actor", e.Actor), ("action", e.Action.Word()), ("record_type", e.RecordType), ("record_id", $"{e.RecordId}"),
        ("items", $"{e.Items}"), ("before", Hex(e.Before)), ("after", Hex(e.After)), ("mac", Hex(e.Mac)),
    ];

    private static string Hex(byte[]? bytes) => bytes is null ? "" : Convert.ToHexStringLower(bytes);

    // Rows that no entry tells of: events that wait for the keeper, and events that the product has not written.
    private async Task<long> RowsAsync(CancellationToken cancellationToken)
    {
        long pending = 0;
        if (await context.Set<AuditEvent>().LongCountAsync(cancellationToken) == _rows)
        {
            return pending;
        }

        var others = new List<long>();
        await foreach (long sequence in context.Set<AuditEvent>().AsNoTracking().OrderBy(e => e.Sequence).Select(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (!_matched.Contains(sequence))
            {
                others.Add(sequence);
            }
        }

        foreach (var part in others.Chunk(TilePath.Width))
        {
            foreach (var row in await context.Set<AuditEvent>().AsNoTracking().Where(e => part.Contains(e.Sequence)).OrderBy(e => e.Sequence).ToListAsync(cancellationToken))
            {
                if (!AuditMac.IsRight(row, keys.EventKey))
                {
                    Found(new AuditFinding(row.Sequence, null, row.Id, "the product has not written it: its row was slipped into the table audit_events, or changed before the log had it."));
                    continue;
                }

                pending++;
                _archived = row.Action == AuditAction.Archive ? Math.Max(_archived, row.Items ?? 0) : _archived;
            }
        }

        return pending;
    }

    // More than can be reported need not be kept.
    private void Miss(long index, AuditEvent e)
    {
        if (index >= _from && _missing.Count < AuditReport.MostFindings)
        {
            _missing.Add((index, e));
        }
    }

    private void Found(AuditFinding finding)
    {
        if (_findings.Count < AuditReport.MostFindings)
        {
            _findings.Add(finding);
        }
    }
}
