using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// An event that came into the log behind one with a higher sequence, because its transaction committed later. All others stand in the order of their sequences: with these
/// few the table tells the log's order, and the log can be written anew from it.
/// </summary>
public sealed class AuditLateEvent
{
    /// <summary>Where it stands in the log, from 0.</summary>
    public required long LogIndex { get; init; }

    public required long Sequence { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<AuditLateEvent>(e =>
            {
                e.ToTable("audit_late");
                e.HasKey(l => l.LogIndex);
                e.Property(l => l.LogIndex).ValueGeneratedNever();
            });
    }
}

/// <summary>The hashes of a bundle of events that were archived, which the table has no more: what the log's tiles are written from, should they be lost.</summary>
public sealed class AuditArchivedTile
{
    public required long Bundle { get; init; }

    /// <summary>256 hashes of 32 bytes: the tile of that number at level 0.</summary>
    public required byte[] Hashes { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<AuditArchivedTile>(e =>
            {
                e.ToTable("audit_archived_tiles");
                e.HasKey(t => t.Bundle);
                e.Property(t => t.Bundle).ValueGeneratedNever();
            });
    }
}

/// <summary>Collects and stores what the database has to know of the log's order.</summary>
internal sealed class AuditOrder
{
    private readonly List<AuditLateEvent> _late = [];

    /// <summary>Notes an event that stands in the log.</summary>
    /// <param name="high">The highest sequence before it; raised to its own.</param>
    public void Note(long index, long sequence, ref long high)
    {
        if (sequence < high)
        {
            _late.Add(new AuditLateEvent { LogIndex = index, Sequence = sequence });
        }

        high = Math.Max(high, sequence);
    }

    /// <summary>Stores what was noted since the last call; in the transaction that says how far the log is.</summary>
    public async Task StoreAsync(StoreContext context, CancellationToken cancellationToken)
    {
        foreach (var late in _late)
        {
            await context.Database.ExecuteSqlAsync(
                $"INSERT INTO audit_late (log_index, sequence) VALUES ({late.LogIndex}, {late.Sequence}) ON CONFLICT (log_index) DO UPDATE SET sequence = excluded.sequence", cancellationToken);
        }
    }

    public void Stored() => _late.Clear();

    /// <summary>
    /// Notes the order of a whole log, and keeps the hashes of its archived bundles: once, for a log that an older version has begun, which noted neither.
    /// </summary>
    public async Task NoteAllAsync(StoreContext context, LogFolder folder, long size, CancellationToken cancellationToken)
    {
        long high = 0;
        for (long bundle = 0; bundle * TilePath.Width < size; bundle++)
        {
            if ((bundle + 1) * TilePath.Width <= size && !File.Exists(folder.PathOf(TilePath.Entries(bundle))))
            {
                await KeepAsync(context, bundle, folder.ReadTile(0, bundle, size), cancellationToken);
                continue;
            }

            long index = bundle * TilePath.Width;
            foreach (var entry in (folder.ReadEntries(bundle, size) ?? []).Take(TilePath.Width).Select(AuditEntry.Read))
            {
                Note(index++, entry?.Sequence ?? 0, ref high);
            }
        }
    }

    /// <summary>Keeps the hashes of a bundle whose events leave the table.</summary>
    public static Task<int> KeepAsync(StoreContext context, long bundle, byte[] hashes, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync($"INSERT INTO audit_archived_tiles (bundle, hashes) VALUES ({bundle}, {hashes}) ON CONFLICT (bundle) DO NOTHING", cancellationToken);
}
