using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Writes the end of a log anew whose folder was lost or is an older copy: from the rows of <c>audit_events</c>, in the order that the database has noted, and from the
/// hashes of what was archived. It is signed only where it leads to the root that was signed before; else the folder's checkpoint stays as it is.
/// </summary>
/// <param name="context">One without a tenant.</param>
/// <param name="state">What the database says of the log.</param>
internal sealed class AuditRestore(StoreContext context, LogFolder folder, LogWriter writer, AuditLogState state, NoteVerifier verifier, AuditKeyring keys)
{
    private const int PageRows = 10_000;
    private readonly Dictionary<long, long> _late = [];
    private readonly HashSet<long> _apart = [];
    private AuditEvent? _foreign;

    /// <summary>Brings the log up to the size that the database says.</summary>
    /// <returns>How many events were written anew.</returns>
    /// <exception cref="LogDamagedException">The database has not, or no longer, what the log held; it names the first event at fault where that can be told.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long had = writer.Size;
        var signed = state.Checkpoint is { } note ? Checkpoint.Open(note, verifier) : null;
        if (signed is null || signed.Size != state.Size)
        {
            throw Refused(had, $"the checkpoint in the table audit_log was not signed with this installation's key for the log '{verifier.Name}' (Audit:Origin)");
        }

        long archived = await RestoreArchivedAsync(cancellationToken);
        await ReadOrderAsync(archived, cancellationToken);
        await using var rows = RowsAsync(archived, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var late = await ReadLateAsync(cancellationToken);
        for (long index = archived; index < state.Size; index++)
        {
            var row = _late.TryGetValue(index, out long sequence) ? late.GetValueOrDefault(sequence) : await rows.MoveNextAsync() ? rows.Current : null;
            if (row is null)
            {
                throw Refused(had, Fault($"the table holds no event for log index {index}: it was deleted, or archived by a version that did not keep the hashes of what it archived"));
            }

            if (index >= writer.Size)
            {
                writer.Restore(AuditEntry.Write(row));
            }
        }

        return writer.CommitRestored(signed.Root)
            ? state.Size - had
            : throw Refused(had, Fault("its rows lead to another root than the one that was signed: one was moved or exchanged, or this folder's files belong to another log"));
    }

    // The events that left the table: their hashes alone, and no entries.
    private async Task<long> RestoreArchivedAsync(CancellationToken cancellationToken)
    {
        long bundles = 0;
        var known = await context.Set<AuditArchivedTile>().AsNoTracking().Select(t => t.Bundle).OrderBy(b => b).ToListAsync(cancellationToken);
        foreach (long bundle in known.TakeWhile(b => b == bundles))
        {
            bundles++;
            if (bundles * TilePath.Width > writer.Size)
            {
                var tile = await context.Set<AuditArchivedTile>().AsNoTracking().SingleAsync(t => t.Bundle == bundle, cancellationToken);
                for (int i = (int)(writer.Size % TilePath.Width); i < tile.Hashes.Length / MerkleHash.Size; i++)
                {
                    writer.RestoreHash(tile.Hashes[(i * MerkleHash.Size)..((i + 1) * MerkleHash.Size)]);
                }
            }
        }

        return bundles * TilePath.Width;
    }

    private async Task ReadOrderAsync(long archived, CancellationToken cancellationToken)
    {
        long size = state.Size;
        foreach (var late in await context.Set<AuditLateEvent>().AsNoTracking().Where(l => l.LogIndex >= archived && l.LogIndex < size).ToListAsync(cancellationToken))
        {
            _late[late.LogIndex] = late.Sequence;
            _apart.Add(late.Sequence);
        }
    }

    private async Task<Dictionary<long, AuditEvent>> ReadLateAsync(CancellationToken cancellationToken)
    {
        var events = new Dictionary<long, AuditEvent>();
        foreach (var part in _late.Values.Chunk(1000))
        {
            foreach (var row in await context.Set<AuditEvent>().AsNoTracking().Where(e => part.Contains(e.Sequence)).ToListAsync(cancellationToken))
            {
                if (IsOwn(row))
                {
                    events[row.Sequence] = row;
                }
            }
        }

        return events;
    }

    // Those that came into the log in the order of their sequences. A number that the log still waited for had not come.
    private async IAsyncEnumerable<AuditEvent> RowsAsync(long archived, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waited = AuditGaps.Parse(state.Gaps);
        long last = 0;
        while (true)
        {
            long from = last;
            var page = await context.Set<AuditEvent>().AsNoTracking().Where(e => e.Sequence > from).OrderBy(e => e.Sequence).Take(PageRows).ToListAsync(cancellationToken);
            foreach (var row in page.Where(r => !_apart.Contains(r.Sequence) && !AuditGaps.Contains(waited, r.Sequence)).Where(IsOwn))
            {
                yield return row;
            }

            if (page.Count < PageRows)
            {
                yield break;
            }

            last = page[^1].Sequence;
        }
    }

    // What the log never took because the product had not written it is not in its way.
    private bool IsOwn(AuditEvent e)
    {
        if (AuditMac.IsRight(e, keys.EventKey))
        {
            return true;
        }

        _foreign = _foreign is null || e.Sequence < _foreign.Sequence ? e : _foreign;
        return false;
    }

    private string Fault(string otherwise) => _foreign is null
        ? otherwise
        : $"event {_foreign.Id}, sequence {_foreign.Sequence}, was changed in the table, or this product has not written it";

    private LogDamagedException Refused(long had, string why) => new(
        $"The log in {folder.FullPath} holds {had} events, the database says {state.Size}: files are missing, or an older copy was put in their place. They cannot be written anew from the "
        + $"table audit_events, because {why}. Bring the newest copy back; a log that was signed must not be signed again with other content.");
}
