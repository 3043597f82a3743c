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
        var (size, watermark, scanFrom, note) = (_writer!.Size, _reader!.Watermark, _reader.ScanFrom, _writer.Note);
        if ((state.Size, state.Watermark, state.Checkpoint) != (size, watermark, note))
        {
            await context.Set<AuditLogState>().Where(s => s.Name == AuditLogState.Log).ExecuteUpdateAsync(s => s
                .SetProperty(l => l.Size, size).SetProperty(l => l.Watermark, watermark).SetProperty(l => l.ScanFrom, scanFrom).SetProperty(l => l.Checkpoint, note), cancellationToken);
        }

        await (transaction?.CommitAsync(cancellationToken) ?? Task.CompletedTask);
        return taken;
    }

    private async Task<int> TakeAsync(StoreContext context, CancellationToken cancellationToken)
    {
        int taken = 0;
        await _reader!.LookAsync(context, _writer!.Size, cancellationToken);
        while (true)
        {
            var events = await _reader.ReadAsync(context, MostEvents, cancellationToken);
            var own = events.Where(IsOwn).ToList();
            Settle(context, own.Count);
            _writer.Append([.. own.Select(AuditEntry.Write)]);
            taken += own.Count;
            bool all = events.Count < MostEvents;
            _reader.Took(context, events, all, _writer.Size);
            if (all)
            {
                return taken;
            }
        }
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
        if (_writer?.Size == state.Size)
        {
            return true;
        }

        Close();
        _writer = LogWriter.Open(logs.Folder, logs.Signer());
        if (_writer is null)
        {
            return false;
        }

        if (_writer.Size < state.Size)
        {
            throw new LogDamagedException($"The log in {logs.Folder.FullPath} holds {_writer.Size} events, the database says {state.Size}: files are missing, or an older copy was put "
                + "in their place. Bring the newest copy back; a log that was signed must not be signed again with other content.");
        }

        var logged = Logged(state.ScanFrom, _writer.Size).ToList();
        _reader = AuditReader.Resume(state, logged);
        await TakeReusedAsync(context, state, logged, cancellationToken);
        return true;
    }

    // A database that was restored from a copy older than the log gives numbers again that the log has seen: these events are known by their ids.
    private async Task TakeReusedAsync(StoreContext context, AuditLogState state, List<AuditEvent> logged, CancellationToken cancellationToken)
    {
        if (_writer!.Size == state.Size || logged.Count == 0)
        {
            return;
        }

        var (from, to) = (state.Watermark, logged.Max(e => e.Sequence));
        var known = logged.Select(e => e.Id).ToHashSet();
        var stored = await context.Set<AuditEvent>().AsNoTracking().Where(e => e.Sequence > from && e.Sequence <= to).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
        var reused = logged.Select(e => e.Sequence).ToHashSet();
        var events = stored.Where(e => !known.Contains(e.Id) && reused.Contains(e.Sequence)).Where(IsOwn).ToList();
        _writer.Append([.. events.Select(AuditEntry.Write)]);
        if (logged.Skip((int)(state.Size - state.ScanFrom)).Any(e => !stored.Exists(s => s.Id == e.Id)))
        {
            Older(logger, logs.Folder.FullPath);
        }
    }

    private IEnumerable<AuditEvent> Logged(long from, long size)
    {
        for (long bundle = from / TilePath.Width; bundle * TilePath.Width < size; bundle++)
        {
            long first = bundle * TilePath.Width;
            var entries = logs.Folder.ReadEntries(bundle, size) ?? throw new LogDamagedException($"The file {TilePath.Entries(bundle)} is missing.");
            foreach (var entry in entries.Skip((int)Math.Max(0, from - first)).Take((int)(size - Math.Max(from, first))))
            {
                yield return AuditEntry.Read(entry) ?? throw new LogDamagedException($"The file {TilePath.Entries(bundle)} holds something that is no event.");
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

    [LoggerMessage(2, LogLevel.Warning, "The database is older than the audit log in {Folder}: a copy was restored. The log goes on; 'audit verify' names the events that are lost.")]
    private static partial void Older(ILogger logger, string folder);
}
