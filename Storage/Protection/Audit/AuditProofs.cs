using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Makes proofs that events are in the log, and gives its checkpoint.</summary>
public sealed class AuditProofs(AuditLogs logs)
{
    // Log and sequence are in the same order but for transactions that overlap; farther off than this nobody has looked for one.
    private const int MostBundlesAside = 400;

    /// <summary>The newest checkpoint.</summary>
    /// <exception cref="ProblemException">Of kind not-found: nothing was logged yet.</exception>
    public static async Task<string> CheckpointAsync(StoreContext context, CancellationToken cancellationToken = default) =>
        (await context.Set<AuditLogState>().AsNoTracking().SingleOrDefaultAsync(s => s.Name == AuditLogState.Log, cancellationToken))?.Checkpoint
            ?? throw new ProblemException(ProblemKind.NotFound, "The audit log has no checkpoint yet: its keeper has not run.");

    /// <param name="id">The event's.</param>
    /// <param name="sequence">The event's.</param>
    /// <exception cref="ProblemException">Of kind not-found: the log has not taken the event yet; unavailable: the log's files are not here.</exception>
    public TlogProof Prove(Guid id, long sequence)
    {
        var folder = logs.Folder;
        var note = folder.ReadCheckpoint();
        if (note is null || Checkpoint.Open(note, logs.Verifier) is not { } checkpoint)
        {
            throw new ProblemException(ProblemKind.Unavailable, $"There is no log of this installation in {folder.FullPath}. Audit:Folder must name the folder that the keeper writes.");
        }

        var (index, entry) = Find(folder, checkpoint.Size, id, sequence)
            ?? throw new ProblemException(ProblemKind.NotFound, $"The log has not taken the event {id} yet. Its keeper does so within a second of the commit.");
        return new TlogProof(entry, index, folder.Tree(checkpoint.Size).Inclusion(index, checkpoint.Size), note);
    }

    /// <summary>An event of the log by its id alone, where its row is in the archive; the whole log is looked through.</summary>
    public AuditEvent? FindArchived(Guid id)
    {
        var folder = logs.Folder;
        for (long bundle = 0; folder.ReadArchived(bundle) is { } bytes; bundle++)
        {
            if (EntryBundle.Read(bytes).Select(AuditEntry.Read).FirstOrDefault(e => e?.Id == id) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static (long Index, byte[] Entry)? Find(LogFolder folder, long size, Guid id, long sequence)
    {
        long last = (size - 1) / TilePath.Width;
        var (low, high) = (0L, last);
        while (low < high)
        {
            long middle = (low + high + 1) / 2;
            (low, high) = FirstOf(folder, middle, size) <= sequence ? (middle, high) : (low, middle - 1);
        }

        for (int aside = 0; size > 0 && aside <= MostBundlesAside; aside++)
        {
            foreach (long bundle in aside == 0 ? [low] : new[] { low + aside, low - aside })
            {
                if (bundle >= 0 && bundle <= last && FindIn(folder, bundle, size, id) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    private static long FirstOf(LogFolder folder, long bundle, long size) =>
        folder.ReadEntries(bundle, size) is [var first, ..] && AuditEntry.Read(first) is { } e ? e.Sequence : long.MaxValue;

    private static (long Index, byte[] Entry)? FindIn(LogFolder folder, long bundle, long size, Guid id)
    {
        var entries = folder.ReadEntries(bundle, size) ?? [];
        int at = entries.FindIndex(e => AuditEntry.Read(e)?.Id == id);
        return at < 0 || bundle * TilePath.Width + at >= size ? null : (bundle * TilePath.Width + at, entries[at]);
    }
}
