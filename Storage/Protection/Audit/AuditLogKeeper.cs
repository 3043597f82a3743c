using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Takes committed events into the log, in rounds. One process at a time does so: a lock in the database and one on the log's folder see to it. The files are written
/// before the database's record of them; after a kill in between, the next round goes on behind what the files hold.
/// </summary>
public sealed partial class AuditLogKeeper(IServiceProvider services, AuditLogs logs, AuditKeyring keys, ILogger<AuditLogKeeper> logger) : IDisposable
{
    // "cs-audit" in ASCII: any number will do that nobody else of this database locks.
    private const long LockId = 0x63732D6175646974;
    private const int MostEvents = 10_000;
    private LogWriter? _writer;
    private AuditReader? _reader;
    private AuditOrder _order = new();

    /// <summary>Takes every event that is committed.</summary>
    /// <returns>How many; null where another process is the log's writer.</returns>
    /// <exception cref="LogDamagedException">The log's files were changed or are behind the database; nothing was added.</exception>
    public async Task<int?> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        try
        {
            return await context.Database.CreateExecutionStrategy().ExecuteAsync(ct => RoundAsync(context, ct), cancellationToken);
        }
        catch
        {
            // What is in memory may be ahead of what is kept: the next round begins with the files.
            Close();
            throw;
        }
    }

    public void Dispose() => Close();

    private async Task<int?> RoundAsync(StoreContext context, CancellationToken cancellationToken)
    {
        context.ChangeTracker.Clear();
        // On SQLite a transaction would keep all others from writing while files are flushed; the folder's lock is enough beside a file.
        await using var transaction = context.Dialect == StoreDialect.Postgres ? await context.Database.BeginTransactionAsync(cancellationToken) : null;
        if (transaction is not null && !await context.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({LockId}) AS \"Value\"").SingleAsync(cancellationToken))
        {
            Close();
            return null;
        }

        var state = await StateAsync(context, cancellationToken);
        if (!await OpenAsync(context, state, cancellationToken))
        {
            return null;
        }

        int taken = await TakeAsync(context, cancellationToken);
        if ((state.Size, state.Watermark, state.Checkpoint) != (_writer!.Size, _reader!.Watermark, _writer.Note) || state.Gaps is null)
        {
            await using var own = transaction is null ? await context.Database.BeginTransactionAsync(cancellationToken) : null;
            await StoreAsync(context, cancellationToken);
            await (own?.CommitAsync(cancellationToken) ?? Task.CompletedTask);
        }

        await (transaction?.CommitAsync(cancellationToken) ?? Task.CompletedTask);
        _order.Stored();
        return taken;
    }

    private async Task StoreAsync(StoreContext context, CancellationToken cancellationToken)
    {
        var (size, watermark, scanFrom, note, gaps) = (_writer!.Size, _reader!.Watermark, _reader.ScanFrom, _writer.Note, AuditGaps.Write(_reader.Gaps));
        await _order.StoreAsync(context, cancellationToken);
        await context.Set<AuditLogState>().Where(s => s.Name == AuditLogState.Log).ExecuteUpdateAsync(s => s
            .SetProperty(l => l.Size, size).SetProperty(l => l.Watermark, watermark).SetProperty(l => l.ScanFrom, scanFrom).SetProperty(l => l.Checkpoint, note).SetProperty(l => l.Gaps, gaps),
            cancellationToken);
    }

    private async Task<int> TakeAsync(StoreContext context, CancellationToken cancellationToken)
    {
        int taken = 0;
        await _reader!.LookAsync(context, _writer!.Size, cancellationToken);
        while (true)
        {
            var events = await _reader.ReadAsync(context, MostEvents, cancellationToken);
            taken += Append(context, [.. events.Where(IsOwn)], _reader.High);
            bool all = events.Count < MostEvents;
            _reader.Took(context, events, all, _writer.Size);
            if (all)
            {
                return taken;
            }
        }
    }

    private int Append(StoreContext context, List<AuditEvent> own, long high)
    {
        Settle(context, own.Count);
        long index = _writer!.Size;
        _writer.Append([.. own.Select(AuditEntry.Write)]);
        own.ForEach(e => _order.Note(index++, e.Sequence, ref high));
        return own.Count;
    }

    // The log must not know of events that a loss of power can take back, and imports' commits on SQLite do not wait for the disk. Its log beside the file carries no locks.
    private static void Settle(StoreContext context, int events)
    {
        if (events > 0 && context.Dialect == StoreDialect.Sqlite && context.Database.GetDbConnection().DataSource is { Length: > 0 } file)
        {
            DurableFile.Flush(file + "-wal");
        }
    }

    // An event that the product has not written must not get the log's signature; audit verify names it.
    private bool IsOwn(AuditEvent e)
    {
        if (AuditMac.IsRight(e, keys.EventKey))
        {
            return true;
        }

        Foreign(logger, e.Sequence, e.Id);
        return false;
    }

    private async Task<bool> OpenAsync(StoreContext context, AuditLogState state, CancellationToken cancellationToken)
    {
        // The folder may go while this process runs.
        if (_writer?.Size == state.Size && File.Exists(logs.Folder.PathOf(TilePath.Checkpoint)))
        {
            return true;
        }

        Close();
        var signer = logs.Signer(state.Checkpoint);
        var verifier = signer.Verifier;
        _writer = LogWriter.Open(logs.Folder, signer);
        if (_writer is null)
        {
            return false;
        }

        if (_writer.Size < state.Size)
        {
            Restored(logger, logs.Folder.FullPath, await new AuditRestore(context, logs.Folder, _writer, state, verifier, keys).RunAsync(cancellationToken));
        }

        _order = new AuditOrder();
        if (state.Gaps is null)
        {
            await _order.NoteAllAsync(context, logs.Folder, _writer.Size, cancellationToken);
        }

        var logged = Logged(state.ScanFrom, _writer.Size).ToList();
        long high = state.Watermark;
        logged.ForEach(l => Note(l.Index, l.Event.Sequence, state, ref high));
        _reader = AuditReader.Resume(state, logged.Select(l => l.Event));
        await TakeReusedAsync(context, state, logged, cancellationToken);
        return true;
    }

    // What a process that was killed had written and not told the database of.
    private void Note(long index, long sequence, AuditLogState state, ref long high)
    {
        if (index >= state.Size && state.Gaps is not null)
        {
            _order.Note(index, sequence, ref high);
        }

        high = Math.Max(high, sequence);
    }

    // A database that was restored from a copy older than the log gives numbers again that the log has seen: these events are known by their ids.
    private async Task TakeReusedAsync(StoreContext context, AuditLogState state, List<(long Index, AuditEvent Event)> logged, CancellationToken cancellationToken)
    {
        if (_writer!.Size == state.Size || logged.Count == 0)
        {
            return;
        }

        var (from, to) = (state.Watermark, logged.Max(l => l.Event.Sequence));
        var known = logged.Select(l => l.Event.Id).ToHashSet();
        var stored = await context.Set<AuditEvent>().AsNoTracking().Where(e => e.Sequence > from && e.Sequence <= to).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
        var reused = logged.Select(l => l.Event.Sequence).ToHashSet();
        var events = stored.Where(e => !known.Contains(e.Id) && reused.Contains(e.Sequence)).Where(IsOwn).ToList();
        Append(context, events, to);
        if (logged.Any(l => l.Index >= state.Size && !stored.Exists(s => s.Id == l.Event.Id)))
        {
            Older(logger, logs.Folder.FullPath);
        }
    }

    private IEnumerable<(long Index, AuditEvent Event)> Logged(long from, long size)
    {
        for (long bundle = from / TilePath.Width; bundle * TilePath.Width < size; bundle++)
        {
            long first = bundle * TilePath.Width;
            if (logs.Folder.ReadEntries(bundle, size) is not { } entries)
            {
                // Of an archive that is elsewhere, or was lost with the folder: those events are no longer in the table either.
                if (first + TilePath.Width <= size)
                {
                    continue;
                }

                throw new LogDamagedException($"The file {TilePath.Entries(bundle)} is missing.");
            }

            for (long index = Math.Max(from, first); index < Math.Min(size, first + entries.Count); index++)
            {
                yield return (index, AuditEntry.Read(entries[(int)(index - first)]) ?? throw new LogDamagedException($"The file {TilePath.Entries(bundle)} holds something that is no event."));
            }
        }
    }

    private static async Task<AuditLogState> StateAsync(StoreContext context, CancellationToken cancellationToken)
    {
        var states = context.Set<AuditLogState>().AsNoTracking();
        if (await states.SingleOrDefaultAsync(s => s.Name == AuditLogState.Log, cancellationToken) is { } state)
        {
            return state;
        }

        await context.Database.ExecuteSqlAsync($"INSERT INTO audit_log (name, size, watermark, scan_from) VALUES ({AuditLogState.Log}, 0, 0, 0) ON CONFLICT (name) DO NOTHING", cancellationToken);
        return await states.SingleAsync(s => s.Name == AuditLogState.Log, cancellationToken);
    }

    private void Close()
    {
        _writer?.Dispose();
        (_writer, _reader) = (null, null);
    }

    [LoggerMessage(1, LogLevel.Error, "The audit event {Sequence} ({Id}) was not written by this product, or was changed; it is left out of the log. 'audit verify' says more.")]
    private static partial void Foreign(ILogger logger, long sequence, Guid id);

    [LoggerMessage(3, LogLevel.Warning, "The audit log in {Folder} was lost, or an older copy put in its place; {Events} events were written anew, and lead to the root that was signed before.")]
    private static partial void Restored(ILogger logger, string folder, long events);

    [LoggerMessage(2, LogLevel.Warning, "The database is older than the audit log in {Folder}: a copy was restored. The log goes on; 'audit verify' names the events that are lost.")]
    private static partial void Older(ILogger logger, string folder);
}
